"""Copies of large arrays by machine code are the arrays."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.native import kernels
from chainrule.native.aligned import looks_into
from chainrule.ops.kernels import copies

ARRAYS = {
    "heads behind positions": lambda x: x.reshape(8, 16, 64, 64).transpose(0, 2, 1, 3),
    "heads before positions": lambda x: x.reshape(8, 64, 16, 64).swapaxes(1, 2),
    "part of the columns": lambda x: x.reshape(512, 1024)[:, 100:303],
    "every second row": lambda x: x.reshape(512, 1024)[1::2],
    "rows backwards": lambda x: x.reshape(512, 1024)[::-1],
    "a part along each axis": lambda x: x.reshape(64, 64, 128)[3:60, 1:50, 7:90],
    "four axes in another order": lambda x: x.reshape(8, 4, 16, 16, 64)[:, :, :, 0].transpose(2, 1, 0, 3),
    "one row seen from many places": lambda x: np.broadcast_to(x[:4096].reshape(1, 64, 64), (20, 64, 64)),
    "short rows": lambda x: x.reshape(-1, 16)[:, :9],
}


@pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("name", ARRAYS)
def test_the_entries_of_the_original(name, dtype):
    x = ARRAYS[name](np.arange(1 << 19, dtype=dtype))
    assert copies.runs_of(x.shape, x.strides, x.itemsize) is not None
    y = copies.copy(x)
    assert y.flags.c_contiguous and not looks_into(y)
    np.testing.assert_array_equal(y, x)


@pytest.mark.parametrize(
    "x",
    [
        np.arange(1 << 16, dtype="f4").reshape(256, 256).T,  # no runs
        np.arange(1 << 16, dtype="f4").reshape(-1, 4)[:, :3],  # short ones
        np.arange(1 << 17, dtype="f4").reshape(4, 8, 8, 8, 64)[:, ::2, ::2, ::2, :32],  # too many axes
        np.arange(1 << 16).reshape(256, 256)[:, 1:],
        np.ones((1 << 16, 9), np.dtype([("a", "f4"), ("b", "u1")]))["a"],  # entries at odd distances
    ],
)
def test_others_are_copied_by_numpy(x):
    y = copies.copy(x)
    assert y.flags.c_contiguous and not looks_into(y)
    np.testing.assert_array_equal(y, x)


def test_contiguous_and_reshape_in_a_graph():
    x = cr.randn(8, 64, 16, 32, requires_grad=True)
    y = x.transpose(1, 2)
    for copy in (y.contiguous().view(8, -1), y.reshape(8, -1)):
        np.testing.assert_array_equal(copy.detach().numpy(), x.detach().numpy().swapaxes(1, 2).reshape(8, -1))
        x.grad = None
        (copy * copy).sum().backward()
        np.testing.assert_allclose(x.grad.numpy(), 2 * x.detach().numpy(), rtol=1e-6)
