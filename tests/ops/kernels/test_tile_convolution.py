"""Convolution by tile registers: as exact as float32 loops are, for all numbers, and never outside its memory."""

import numpy as np
import pytest

from chainrule.base import threads
from chainrule.native import Kernel, amx, kernels
from chainrule.native.interpret import interpret
from chainrule.ops.kernels import correlation, direct, tile_direct, tile_taps
from chainrule.ops.kernels.columns import surround
from chainrule.ops.kernels.conv import conv, conv_backward
from chainrule.ops.kernels.windows import window_view, windows

here = pytest.mark.skipif(not (kernels.ready() and amx.allowed()), reason="this processor has no tile registers")
# samples, channels, kernels, size, taps, padding, dilation
CASES = [
    (64, 32, 64, (14, 14), 3, 1, 1),
    (3, 17, 40, (7, 9), 3, 1, 1),
    (5, 16, 16, (5, 5), 3, 0, 1),
    (1, 70, 33, (6, 6), (3, 1), (1, 0), 1),
    (2, 33, 20, (40,), 5, 2, 2),
    (2, 20, 33, (4, 5, 6), (2, 3, 2), (1, 1, 0), 1),
    (19, 64, 70, (4, 4), 3, 2, 1),
    (2, 48, 64, (30, 30), 5, 2, (1, 2)),
]


def arrays(case, dtype=np.float32):
    samples, channels, outs, size, taps, padding, dilation = case
    win, rng = windows(size, taps, 1, padding, dilation), np.random.default_rng(sum(size))
    shapes = (samples, channels, *size), (outs, channels, *win.kernel), (outs,), (samples, outs, *win.out)
    return win, *[rng.standard_normal(shape).astype(dtype) for shape in shapes]


def exact(win, x, w, b, g):
    """y, ∂L/∂w and ∂L/∂b in float64."""
    columns = window_view(surround(x.astype(float), win), win).reshape(len(x), -1, win.places)
    y = (w.astype(float).reshape(len(w), -1) @ columns).reshape(g.shape) + b.reshape(-1, *[1] * len(win.size))
    flat = g.astype(float).reshape(*g.shape[:2], -1)
    return y, np.einsum("noi,nci->oc", flat, columns, optimize=True).reshape(w.shape), flat.sum((0, 2))


def by_tiles(win, x, w, b, g):
    """y, ∂L/∂x, ∂L/∂w and ∂L/∂b, or None where sums are to be made by vectors."""
    back = correlation.facing_back(win)
    both = tile_direct.gradients(g, x, win)
    y, dx = tile_direct.correlate(x, w, b, win), None if back is None else tile_direct.correlate(g, w, None, back, turned=True)
    return [y, dx, *(both or (None, None))]


def check(win, x, w, b, g, found, within=1e-6):
    y, dw, db = exact(win, x, w, b, g)
    expected = [y, correlation.add_columns_back(g.astype(float), w.astype(float), win, 1), dw, db]
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=within * np.abs(theirs).max())


@here
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_convolution_and_its_gradients_equal_those_in_float64(case):
    check(*arrays(case), by_tiles(*arrays(case)))


@here
@pytest.mark.parametrize("case", CASES[:4], ids=str)
def test_errors_are_no_larger_than_those_of_vectors(case):
    win, x, w, b, g = arrays(case)
    y, dw, _ = exact(win, x, w, b, g)
    (ours, _, our_dw, _), by_vectors = by_tiles(win, x, w, b, g), direct.correlate(x, w, b, win, 1)
    assert np.square(ours - y).mean() <= 1.2 * np.square(by_vectors - y).mean()
    assert np.square(our_dw - dw).mean() <= 1.2 * np.square(direct.gradients(g, x, win, 1)[0] - dw).mean()


@here
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_result_does_not_depend_on_the_number_of_threads(case, monkeypatch):
    expected = by_tiles(*arrays(case))
    for count in (1, 3):
        monkeypatch.setattr(threads, "_cores", count)
        assert threads.cores() == count
        for a, b in zip(by_tiles(*arrays(case)), expected, strict=True):
            np.testing.assert_array_equal(a, b)


@here
@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_stays_within_its_memory(case, monkeypatch):
    """What is not its own is NaN: nothing of it is seen in the results, and all of it is still there afterwards."""
    edge, made, expected = 1024, [], by_tiles(*arrays(case))

    class Guarded(direct.Rooms):
        def get(self, entries, dtype):
            made.append(np.full(entries + 2 * edge, np.nan, dtype))
            return made[-1][edge:-edge]

    monkeypatch.setattr(tile_direct, "rooms", Guarded())
    for a, b in zip(by_tiles(*arrays(case)), expected, strict=True):
        np.testing.assert_array_equal(a, b)
    assert len(made) == 3
    for room in made:
        assert np.isnan(room[:edge]).all() and np.isnan(room[-edge:]).all()


@here
@pytest.mark.parametrize("scale", [1e-13, 1e-19, 1e-30, 1e-40, 1e15, 1e25])
def test_numbers_of_any_size(scale, monkeypatch):
    """Where a part of a number, or of a product, is below what tile registers know, vectors do it."""
    monkeypatch.setattr(tile_direct, "LEAST_WORK", 0)
    win, x, w, b, g = arrays((9, 32, 32, (6, 5), 3, 1, 1))
    x, g = (x * np.float32(scale)), g * np.float32(scale)
    y, kept = conv(x, w, None, padding=1)
    dx, dw, _ = conv_backward(g, kept)
    monkeypatch.setattr(tile_direct, "LEAST_WORK", 1 << 60)
    plain, _ = conv(x, w, None, padding=1)
    expected = [plain, *conv_backward(g, kept)]
    for ours, theirs in zip((y, dx, dw), expected, strict=False):
        smallest = 40 * np.finfo(np.float32).smallest_subnormal
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=max(2e-6 * np.abs(theirs).max(), smallest))


@here
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 3e38])
def test_what_is_no_number_reaches_what_reads_it_and_nothing_else(value, monkeypatch):
    monkeypatch.setattr(tile_direct, "LEAST_WORK", 0)
    win, x, w, b, g = arrays((9, 32, 32, (6, 5), 3, 1, 1))
    x[2, 3, 1, 1] = g[4, 5, 2, 2] = value
    y, kept = conv(x, w, b, padding=1)
    found = [y, *conv_backward(g, kept)]
    monkeypatch.setattr(tile_direct, "LEAST_WORK", 1 << 60)
    for ours, theirs in zip(found, [conv(x, w, b, padding=1)[0], *conv_backward(g, kept)], strict=True):
        np.testing.assert_array_equal(np.isfinite(ours), np.isfinite(theirs))
        ordinary = np.isfinite(theirs) & (np.abs(theirs) < 1e30)
        np.testing.assert_allclose(ours[ordinary], theirs[ordinary], rtol=1e-4, atol=1e-4)


@here
def test_a_convolution_of_many_channels_goes_through_tiles(monkeypatch):
    used = []
    monkeypatch.setattr(tile_direct, "correlate", lambda *a, **k: used.append("y"))
    monkeypatch.setattr(tile_direct, "gradients", lambda *a: used.append("dw"))
    win, x, w, b, g = arrays(CASES[0])
    y, kept = conv(x, w, b, padding=1)  # each answers None, and vectors do it
    check(win, x, w, b, g, [y, *conv_backward(g, kept)], 3e-6)
    assert used == ["y", "y", "dw"]
    few = x[:, :3].copy()
    conv(few, w[:, :3].copy(), b, padding=1)
    conv(x.astype(float), w.astype(float), padding=1)
    conv(x, w, padding=1, stride=2)
    assert len(used) == 3


@pytest.mark.parametrize("case", [(3, 18, 20, (3, 4), 3, 1, 1), (2, 16, 33, (5,), 2, 0, 2)], ids=str)
def test_the_program_in_numpy(case, monkeypatch):
    """On any processor."""

    def share(kernel, pieces, *arguments):
        for piece in range(pieces):
            interpret(kernel.program(), *arguments, piece, 0)

    monkeypatch.setattr(Kernel, "share", share)
    monkeypatch.setattr(tile_direct, "PARTS", 2)
    monkeypatch.setattr(tile_direct, "PIECES", 2)
    tile_direct.correlation_plan.cache_clear()
    tile_direct.weight_plan.cache_clear()
    check(*arrays(case), by_tiles(*arrays(case)))
    tile_direct.correlation_plan.cache_clear()
    tile_direct.weight_plan.cache_clear()


def test_working_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(tile_direct, "MOST_ROOM", 10)
    win, x, _, _, g = arrays(CASES[1])
    assert tile_direct.gradients(g, x, win) is None


def test_programs_are_named():
    kernels_of = [tile_taps.cutter(), tile_taps.correlator(), tile_taps.weigher(), tile_taps.finisher()]
    assert [k.name for k in kernels_of] == ["tiles_weights", "tiles_correlate", "tiles_weigh", "tiles_finish"]
