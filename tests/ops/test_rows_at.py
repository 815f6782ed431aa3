"""Rows picked by number by all cores are those that NumPy picks."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.native import kernels
from chainrule.ops.kernels import addressed

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("n", [1, 7, 64, 130])
def test_the_rows_of_take(dtype, n):
    x = np.random.default_rng(0).normal(size=(50, n)).astype(dtype)
    index = np.random.default_rng(1).integers(0, 50, (300, -(-addressed.MANY // (300 * n))))
    y = addressed.rows_at(x, index)
    assert y.flags.c_contiguous and y.flags.owndata
    np.testing.assert_array_equal(y, x.take(index, 0))


def test_others_are_left_to_numpy():
    x, index = np.ones((50, 64), np.float32), np.zeros(1000, np.int64)
    assert addressed.rows_at(x, index) is not None
    for other in (index[:10], index - 1, index + 50, index.astype(np.int32), np.zeros(2000, np.int64)[::2]):
        assert addressed.rows_at(x, other) is None
    assert addressed.rows_at(x[:, ::2], index) is None


def test_an_embedding_of_many_words():
    w = cr.randn(40, 64, requires_grad=True)
    i = cr.randint(0, 40, (30, 40))
    y = cr.nn.functional.embedding(i, w)
    np.testing.assert_array_equal(y.detach().numpy(), w.detach().numpy()[i.numpy()])
    y.sum().backward()
    np.testing.assert_array_equal(w.grad.numpy()[:, 0], np.bincount(i.numpy().reshape(-1), minlength=40))
