"""Rows and entries at places that an index array names, by machine code: what NumPy's indexing gives, in its order."""

import numpy as np
import pytest

from chainrule.native import kernels
from chainrule.ops.embedding import EmbeddingGradient
from chainrule.ops.kernels import addressed
from chainrule.ops.scatter import Gather, Spread, along, axes_of

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")
RNG = np.random.default_rng(0)


def numbers(*shape, dtype=np.float32):
    return RNG.standard_normal(shape).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("shape", "dim"), [((50, 64), 0), ((7,), 0), ((50, 1), 0), ((3, 50, 5), 1), ((20, 11), 1), ((2, 3, 4), 2)])
def test_rows_are_added_in_the_order_in_which_they_are_named(shape, dim, dtype):
    n = 5000
    rows = RNG.integers(0, shape[dim], n)
    x = numbers(*shape[:dim], n, *shape[dim + 1 :], dtype=dtype)
    y = numbers(*shape, dtype=dtype)
    expected = y.copy()
    np.add.at(expected, (*(slice(None),) * dim, rows), x)
    assert addressed.add_rows(y, rows, x, dim)
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("shape", [(100, 9, 64), (7, 30, 5, 40), (300, 1, 33)])
def test_a_row_that_is_seen_from_many_places_is_not_copied(shape, monkeypatch):
    """The gradient of the mean over words: the same for all words of a sentence."""
    rows = RNG.integers(0, 50, shape[:-1])
    g = np.broadcast_to(numbers(*shape[:-2], 1, shape[-1]), shape)
    expected = np.zeros((50, shape[-1]), np.float32)
    np.add.at(expected, rows, g)
    repeats, original = [], addressed.add_rows
    monkeypatch.setattr(addressed, "add_rows", lambda *args: repeats.append(args[4:]) or original(*args))
    np.testing.assert_array_equal(EmbeddingGradient(-1, False, (50, shape[-1])).forward(g, rows), expected)
    assert repeats == [(shape[-2],)] or shape[-2] == 1
    few = np.broadcast_to(numbers(2, 1, 3), (2, 4, 3))  # too few: by NumPy
    found = EmbeddingGradient(-1, False, (9, 3)).forward(few, np.arange(8).reshape(2, 4))
    np.testing.assert_array_equal(found[:8], few.reshape(8, 3))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("dim", [0, 1, 2, -1])
def test_entries_are_picked_put_and_added(dim, dtype):
    shape = (20, 30, 25)
    at = dim % 3
    many = (*shape[:at], 17, *shape[at + 1 :])
    index = RNG.integers(0, 17, shape)
    x = numbers(*many, dtype=dtype)
    y = np.empty(shape, dtype)
    assert addressed.along("gather", x, index, y, dim)
    np.testing.assert_array_equal(y, np.take_along_axis(x, index, dim))
    for what in ("put", "add"):
        found, expected = x.copy(), x.copy()
        assert addressed.along(what, y, index, found, dim)
        key = list(axes_of(shape))
        key[dim] = index
        if what == "put":
            expected[tuple(key)] = y
        else:
            np.add.at(expected, tuple(key), y)
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("wrong", [-1, 40])
def test_places_out_of_range_are_left_to_numpy(wrong):
    rows = np.zeros(5000, np.int64)
    rows[17] = wrong
    assert not addressed.add_rows(numbers(40, 3), rows, numbers(5000, 3))
    assert not addressed.along("gather", numbers(40, 1), rows[:, None], np.empty((5000, 1), np.float32), 0)


def test_an_index_that_is_smaller_than_the_array_elsewhere_is_left_to_numpy():
    x, index = numbers(100, 100), RNG.integers(0, 100, (80, 70))
    np.testing.assert_array_equal(Gather(0)(x, index), x[along(index, 0)])
    expected = np.zeros((100, 100), np.float32)
    np.add.at(expected, along(index, 1), x[:80, :70])
    np.testing.assert_allclose(Spread(1, (100, 100)).forward(x[:80, :70], index), expected, rtol=1e-5, atol=1e-6)
