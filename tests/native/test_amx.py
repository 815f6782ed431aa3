"""Products of float32 by tile registers: as exact as float32 loops are, for all numbers, and never outside the arrays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.base import threads
from chainrule.native import Kernel, amx, kernels, multiply, remainder, tile_order
from chainrule.native.interpret import interpret
from tests.native.matrices import close, guarded, laid_out, matrices, stack

here = pytest.mark.skipif(not (kernels.ready() and amx.allowed()), reason="this processor has no tile registers")
few = settings(deadline=None, max_examples=15)


@pytest.fixture(autouse=True)
def _also_small_ones(monkeypatch):
    monkeypatch.setattr(multiply, "TILED", 0)
    multiply.prepared.cache_clear()
    yield
    multiply.prepared.cache_clear()


def called(run, a, b, c, bias=None, accumulate=0, crossed=0):
    """C (+)= A B + bias as one piece, in memory in which whatever is read without having been written is not a number."""
    (m, inner), n = a.shape, b.shape[1]
    turns = [x.strides[0] == 4 and x.shape[0] > 1 for x in (a, b)]
    steps = [x.strides[turn] // 4 for x, turn in zip((a, b), turns)]
    zero, room = np.zeros(1, np.int64), guarded(np.full(amx.room_size(), np.nan, np.float32))
    arrays = (a.T if turns[0] else a, b.T if turns[1] else b, c, c[0] if bias is None else bias, room, zero, zero, zero)
    m, n = (n, m) if crossed else (m, n)
    sizes = (m, n, inner, *steps, c.strides[0] // 4, m, n, 1, 1)
    run(amx.product(), arrays, (*sizes, accumulate, bias is not None, room.size, *turns, crossed, multiply.depth_of(inner, m, n), remainder.few(inner, turns[1]), 0, 0, 0, 0, 0))


def by_machine(kernel, arrays, numbers):
    kernel.load()
    kernel.call(*[x.ctypes.data for x in arrays], *numbers)


def by_numpy(kernel, arrays, numbers):
    interpret(kernel.program(), *[np.ascontiguousarray(x) if x is not arrays[2] else x for x in arrays], *numbers)


@here
@few
@given(
    st.integers(1, 130) | st.integers(500, 530),
    st.integers(1, 130) | st.integers(500, 530),
    st.integers(1, 130) | st.integers(510, 530) | st.integers(1020, 1030),
    st.tuples(*[st.booleans()] * 6),
)
def test_a_product_equals_that_in_float64_and_stays_within_its_arrays(m, n, inner, flags):
    a_turned, b_turned, front, biased, accumulate, crossed = flags
    a, b, c = matrices(m, n, inner, "f32")
    bias = guarded(np.linspace(-1, 1, n, dtype=np.float32), front) if biased else None
    a, b = (laid_out(x, turn and min(x.shape) > 1, front) for x, turn in ((a, a_turned), (b, b_turned)))
    wide = guarded(np.full((m, n + 9), 7, np.float32))
    wide[:, 9:] = c
    called(by_machine, a, b, wide[:, 9:], bias, int(accumulate), int(crossed))
    close(wide[:, 9:], a, b, "f32", (c if accumulate else 0) + (bias if biased else 0.0))
    assert (wide[:, :9] == 7).all()


@pytest.mark.parametrize("turns", [(False, False), (False, True), (True, False), (True, True)])
@pytest.mark.parametrize("crossed", [0, 1])
@pytest.mark.parametrize("shape", [(20, 18, 40), (35, 7, 3)])
def test_the_program_in_numpy(turns, shape, crossed):
    """On any processor."""
    a, b, c = matrices(*shape, "f32")
    a, b = (np.asfortranarray(x) if turn else x for x, turn in zip((a, b), turns))
    called(by_numpy, a, b, c, np.linspace(-1, 1, shape[1], dtype=np.float32), crossed=crossed)
    close(c, a, b, "f32", np.linspace(-1, 1, shape[1]))


@here
@few
@given(st.integers(1, 3), st.integers(16, 530), st.integers(16, 530), st.integers(1, 600), st.tuples(*[st.booleans()] * 2))
def test_the_result_does_not_depend_on_the_number_of_threads(batch, m, n, inner, turns):
    rng = np.random.default_rng(m * n)
    a, b = (rng.standard_normal((batch, *shape)).astype(np.float32) for shape in ((m, inner), (inner, n)))
    a[0, m // 2, inner // 2] = 1e-37  # some sums are done again
    a, b = (stack(x, turn, False) for x, turn in zip((a, b), turns))
    before, results = threads.cores(), []
    try:
        for number in (1, 2, 3):
            threads.use_cores(number)
            results.append(multiply.product(a, b))
    finally:
        threads.use_cores(before)
    for x in range(batch):
        close(results[0][x], a[x], b[x], "f32")
    for other in results[1:]:
        np.testing.assert_array_equal(other, results[0])


@here
def test_it_is_what_large_products_of_float32_are_done_by(monkeypatch):
    a, b, _ = matrices(64, 64, 64, "f32")
    assert multiply.prepared(a.dtype, (a.shape, a.strides), (b.shape, b.strides), None, False, 2).keep[0] is amx.product(None)
    monkeypatch.setattr(multiply, "TILED", 1 << 22)
    multiply.prepared.cache_clear()
    assert multiply.prepared(a.dtype, (a.shape, a.strides), (b.shape, b.strides), None, False, 2).keep[0].name == "small_gemm_f32_nn"


@here
def test_it_is_closer_to_the_true_product_than_float32_is():
    a, b, _ = matrices(100, 300, 700, "f32", seed=3)
    true, scale = a.astype(float) @ b, np.abs(a).astype(float) @ np.abs(b)
    ours, numpy = (np.sqrt(np.mean(((y - true) / scale) ** 2)) for y in (multiply.product(a, b), a @ b))
    assert ours < numpy
    whole = np.arange(64 * 64, dtype=np.float32).reshape(64, 64)
    np.testing.assert_array_equal(multiply.product(whole, np.eye(64, dtype=np.float32)), whole)  # no digit of 12 bits is lost
    third = np.full((64, 64), 1 / 3, np.float32)
    np.testing.assert_array_equal(multiply.product(third, np.eye(64, dtype=np.float32)), third)  # nor of 24


@here
@pytest.mark.parametrize("turns", [(False, False), (False, True), (True, False), (True, True)])
@pytest.mark.parametrize("crossed", [False, True])
@pytest.mark.parametrize("what", ["tiny", "huge", "tiny times huge", "huge times tiny", "one tiny row", "smallest", "not finite", "largest"])
def test_numbers_that_have_no_three_parts(what, crossed, turns, monkeypatch):
    monkeypatch.setattr(amx, "crosses", lambda *told: crossed)
    multiply.prepared.cache_clear()
    a, b, _ = matrices(70, 90, 600, "f32", seed=1)
    if what == "tiny":
        a, b = a * np.float32(1e-20), b * np.float32(1e-15)
    elif what == "huge":
        a, b = a * np.float32(1e20), b * np.float32(1e16)
    elif what == "tiny times huge":
        a, b = a * np.float32(1e-36), b * np.float32(1e36)
    elif what == "huge times tiny":  # beside what is not a number
        a, b = a * np.float32(1e34), b * np.float32(1e-34)
        a[3, 4], b[7, 8] = np.nan, np.inf
    elif what == "one tiny row":
        a[3], b[:, 7] = a[3] * np.float32(1e-30), b[:, 7] * np.float32(1e-5)
    elif what == "smallest":
        a[...] = 0
        a[5, 6] = np.float32(1e-40)
        b *= np.float32(1e15)
    elif what == "not finite":
        a[3, 4], a[4, 5], a[6, -1], b[5, 6], b[7] = np.inf, np.nan, np.inf, -np.inf, np.where(b[7] > 0, 1, 0)
    else:
        a[0], b[:, 0], a[0, 0] = 0, 0, np.finfo(np.float32).max
        b[0, 0] = 1
    a, b = (np.asfortranarray(x) if turn else x for x, turn in zip((a, b), turns))
    y = multiply.product(a, b)
    with np.errstate(invalid="ignore", over="ignore"):
        true = a.astype(float) @ b
        scale = np.abs(a).astype(float) @ np.abs(b)
        as_float32 = true.astype(np.float32)
    np.testing.assert_array_equal(np.isnan(y), np.isnan(as_float32))
    np.testing.assert_array_equal(np.isinf(y), np.isinf(as_float32))
    some = np.isfinite(as_float32)
    y, true, scale = (np.where(some, x, 0) for x in (y, true, scale))
    if what == "smallest":  # 1e-40 itself has no 24 bits, and is kept or taken for 0: nothing else
        assert ((y == 0) | (np.abs(y - true) <= 1e-5 * scale)).all()
    else:
        assert (np.abs(y - true) <= 2e-6 * scale + 1e-44).all()


@here
@pytest.mark.parametrize("turns", [(False, False), (False, True), (True, False), (True, True)])
@pytest.mark.parametrize("crossed", [0, 1])
def test_sums_that_go_straight_to_c_lie_beside_such_that_are_looked_at(turns, crossed):
    """Some rows and columns are ordinary, of others there are tiny ones; with a bias, and onto sums that are there already."""
    a, b, c = matrices(130, 200, 1100, "f32", seed=2)
    a[40], a[70, 900], b[:, 100] = a[40] * np.float32(1e-33), 1e-35, b[:, 100] * np.float32(1e-34)
    a[:, 5] = 0
    bias = np.linspace(-1, 1, 200, dtype=np.float32)
    scale = np.abs(a).astype(float) @ np.abs(b)
    a, b = (np.asfortranarray(x) if turn else x for x, turn in zip((a, b), turns))
    for accumulate, row in ((0, None), (0, bias), (1, None), (1, bias)):
        y = guarded(c.copy())
        called(by_machine, a, b, y, row, accumulate, crossed)
        there = (c if accumulate else 0) + (0.0 if row is None else row)
        assert (np.abs(y - (a.astype(float) @ b + there)) <= 2e-6 * (scale + np.abs(there)) + 1e-44).all()


@here
def test_what_is_held_is_changed_for_more_than_the_cache_holds():
    for m, n, inner in [(1100, 1000, 530), (60, 1700, 40), (1700, 60, 40)]:
        a, b, c = matrices(m, n, inner, "f32", seed=4)
        for crossed in (0, 1):
            called(by_machine, a, b, c, crossed=crossed)
            close(c, a, b, "f32", 0.0)


def test_the_smaller_matrix_is_cut_across():
    """By columns both run along k: what passes by as columns of tiles is turned, and is the other one if that has fewer lines."""
    assert amx.crosses(256, 4096, 1024, False, True) and not amx.crosses(4096, 256, 1024, False, True)
    assert amx.crosses(500, 500, 500, True, True) and not amx.crosses(500, 500, 500, False, False)
    assert not amx.crosses(256, 4096, 64, False, True)  # to turn what is made would take longer


@here
def test_products_too_small_by_themselves_add_up():
    a = np.full((64, 4096), 7e-20, np.float32)
    np.testing.assert_allclose(multiply.product(a, a.T), a.astype(float) @ a.T, rtol=1e-5)
    a, b = np.full((64, 512), 1e-40, np.float32), np.full((512, 64), 1e38, np.float32)
    np.testing.assert_allclose(multiply.product(a, b), a.astype(float) @ b, rtol=1e-5)


@pytest.mark.parametrize("rows, columns", [(1, 2), (2, 1), (2, 2)])
def test_a_register_is_loaded_before_it_is_multiplied_and_never_too_late(rows, columns):
    """What each product multiplies, followed through the registers, is each pair of parts once for each of the tiles."""
    before, step = tile_order.schedule(rows, columns)
    held, made = {x.register: x for x in before}, []
    places = [(r, v) for r in range(rows) for v in range(columns)]
    for turn in (0, 1):
        for x in step:
            if isinstance(x, tile_order.Load):
                held[x.register] = x._replace(place=x.place + 6 * turn)
            else:
                c, a, b = x
                made.append((c, held[a].place, held[b].place))
        expected = sorted((2 * r + v, 6 * turn + 2 * p + r, 6 * turn + 2 * q + v) for p, q in tile_order.ORDER for r, v in places)
        assert sorted(made[6 * len(places) * turn :]) == expected


def test_a_processor_without_tiles_is_told_apart(monkeypatch):
    amx.allowed.cache_clear()
    try:
        monkeypatch.setattr(amx.machine, "processor", lambda: "x86_64 linux flags : fma avx2 avx512f")
        assert amx.allowed() is False
    finally:
        amx.allowed.cache_clear()


def test_tile_instructions_print():
    text = amx.product().show("program")
    for line in ("tile config", "tile product 3, 5, 7", "tile load 4, room, %", "tile release"):
        assert line in text
    assert isinstance(amx.product(), Kernel)
