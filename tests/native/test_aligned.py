"""Memory that begins where a line of the cache does, and what is made in it."""

import numpy as np
import pytest

import chainrule as torch
from chainrule.native.address import address
from chainrule.native.aligned import LARGE, LINE, copy, empty, looks_into, zeros

F32 = np.dtype(np.float32)
MANY = (300, 100)


@pytest.mark.parametrize("make", [empty, zeros, lambda shape, dtype: copy(np.ones((shape[0], shape[1] + 1), dtype))])
def test_large_arrays_begin_with_a_line(make):
    for _ in range(8):  # where NumPy's own begin is a matter of luck
        x = make(MANY, F32)
        assert not address(x) % LINE and type(x) is np.ndarray and x.flags.c_contiguous and x.flags.writeable


def test_small_arrays_are_numpys_own():
    assert empty((10, 10), F32).flags.owndata and zeros((LARGE // 4 - 1,), F32).flags.owndata
    assert empty((LARGE // 4,), F32).base is not None


def test_zeros_are_zero_where_memory_was_used_before():
    x = empty(MANY, F32)
    x.fill(7)
    del x
    assert not zeros(MANY, F32).any()


def test_a_copy_keeps_the_order_of_memory_and_takes_a_dtype():
    x = np.arange(60000, dtype=np.float64).reshape(200, 300)
    assert np.array_equal(copy(x, F32), x) and copy(x, F32).dtype == F32
    assert copy(x.T).flags.f_contiguous and np.array_equal(copy(x.T), x.T)


def test_views_refer_to_the_array_and_not_to_the_block_that_it_lies_in():
    x = empty(MANY, F32)
    for view in (x[1:], x.T, x.reshape(-1), x[1:][1:]):
        assert view.base is x and looks_into(view)
    assert not looks_into(x)


def test_the_memory_of_a_tensor_is_its_entries_alone():
    x = torch.empty(*MANY)
    assert x.untyped_storage().nbytes() == 4 * 300 * 100 and x[2:].storage_offset() == 200
    assert torch.as_strided(x, (5,), (1,), 29995).shape == (5,)
    with pytest.raises(RuntimeError, match="out of bounds"):
        torch.as_strided(x, (6,), (1,), 29995)


def test_gradients_are_kept_without_a_copy():
    w = torch.zeros(300, 200, requires_grad=True)
    y = torch.ones(400, 300) @ w
    (y * y).sum().backward()
    assert not address(w.grad.numpy()) % LINE and not looks_into(w.grad.numpy())
