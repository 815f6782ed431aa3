"""Sums, norms, largest entries and running sums by machine code, beside NumPy's in float64."""

import numpy as np
import pytest

from chainrule.graph import large
from chainrule.native import kernels
from chainrule.ops.kernels import totals
from chainrule.ops.reduce import add_all

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")
RNG = np.random.default_rng(0)
EXACT = {
    "sum": lambda x, n: x.reshape(-1, n).sum(1), "squares": lambda x, n: (x * x).reshape(-1, n).sum(1),
    "sizes": lambda x, n: np.abs(x).reshape(-1, n).sum(1), "largest": lambda x, n: x.reshape(-1, n).max(1),
}  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("shape", "dims"), [((3000, 5), (1,)), ((200, 64), (1,)), ((20, 7, 101), (1, 2)), ((3, 9000), (1,)), ((9001,), None)])
@pytest.mark.parametrize("what", EXACT)
def test_reductions_of_last_axes(what, shape, dims, dtype):
    x = RNG.standard_normal(shape).astype(dtype)
    axes = tuple(range(len(shape))) if dims is None else dims
    expected = EXACT[what](x.astype(np.float64), int(np.prod([shape[d] for d in axes])))
    for keepdim in (False, True):
        y = totals.reduced(what, x, dims, keepdim)
        assert y is not None and y.dtype == dtype
        assert y.shape == tuple(1 if d in axes else n for d, n in enumerate(shape) if keepdim or d not in axes)
        np.testing.assert_allclose(y.reshape(-1), expected, rtol=2e-6 if dtype == np.float32 else 1e-13, atol=2e-5 if dtype == np.float32 else 1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_sums_are_shared_and_numbers(dtype):
    x = RNG.standard_normal(large.LARGE + 77).astype(dtype)
    for seen in (x, x[:-77].reshape(64, -1)):
        y = add_all(seen)
        assert type(y) is dtype
        np.testing.assert_allclose(y, seen.sum(dtype=np.float64), rtol=1e-5 if dtype == np.float32 else 1e-12)


def test_what_is_no_number_is_the_largest():
    x = RNG.standard_normal((200, 64)).astype(np.float32)
    x[3, 40], x[5, :] = np.nan, -np.inf
    np.testing.assert_array_equal(totals.reduced("largest", x, (1,), False), np.maximum.reduce(x, 1))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("shape", "dim"), [((9000,), 0), ((100, 99), 1), ((100, 99), 0), ((7, 30, 41), 1), ((5, 2000, 1), 1)])
def test_running_sums(shape, dim, dtype):
    x = RNG.standard_normal(shape).astype(dtype)
    np.testing.assert_array_equal(totals.running(x, dim), np.add.accumulate(x.astype(np.float64), dim).astype(dtype))


@pytest.mark.parametrize("shape", [(500, 100), (7, 40, 129), (40000, 3), (2, 50000)])
@pytest.mark.parametrize("char", "fd")
def test_sums_over_the_first_axes(shape, char):
    x = np.random.default_rng(0).standard_normal(shape).astype(char)
    for count in range(1, len(shape)):
        dims = tuple(range(count))
        expected = x.astype("d").sum(dims)
        for keep in (False, True):
            found = totals.reduced("sum", x, dims, keep)
            np.testing.assert_allclose(found.reshape(expected.shape), expected, 0, 1e-5 * np.sqrt(x.size / expected.size) * 4)
            assert found.ndim == (x.ndim if keep else x.ndim - count) and found.dtype == x.dtype
    x[..., 1] = np.nan
    assert np.isnan(totals.reduced("sum", x, (0,), False)).sum() == x[0].size // x.shape[-1]


@pytest.mark.parametrize(("shape", "dims"), [((128, 32, 7), (1,)), ((70, 9, 130), (1,)), ((4, 50, 60, 17), (1, 2)), ((3, 2, 5, 5001), (2,))])
@pytest.mark.parametrize("char", "fd")
def test_sums_over_axes_in_the_middle(shape, dims, char):
    x = np.random.default_rng(0).standard_normal(shape).astype(char)
    for keep in (False, True):
        found, expected = totals.reduced("sum", x, dims, keep), x.astype("d").sum(dims, keepdims=keep)
        assert found.shape == expected.shape and found.dtype == x.dtype
        np.testing.assert_allclose(found, expected, 0, 1e-5 * np.sqrt(x.size / expected.size) * 4)
    x[(1,) * len(shape)] = np.nan
    assert np.isnan(totals.reduced("sum", x, dims, False)).sum() == 1


def test_what_numpy_does_as_well_is_left_to_it():
    x = np.ones((100, 100), np.float32)
    assert totals.reduced("largest", x, (0,), False) is None  # columns
    assert totals.reduced("sum", x.T, (1,), False) is None  # not in order
    assert totals.reduced("sum", np.ones((5, 40, 10, 9), np.float32), (1, 3), False) is None  # axes apart
    assert totals.reduced("sum", np.ones((3, 5, 600), np.float32), (1,), False) is None  # few lines
    assert totals.reduced("sum", x[:3], (1,), False) is None  # few
    assert totals.running(x.astype(int), 0) is None
