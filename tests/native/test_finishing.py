"""Entries of a product that other code takes as they are made: each once, in pieces of rows, and right."""

import ctypes

import numpy as np
import pytest

from chainrule.native import amx, finishing, kernels, multiply, remainder
from tests.native.matrices import close, guarded, laid_out, matrices

pytestmark = pytest.mark.skipif(not (kernels.ready() and amx.allowed()), reason="this processor has no tile registers")
TAKES = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_int64, *[ctypes.c_int64] * 5)


def taken(a, b, rows=None):
    """What is handed on of A B, added up, and the rectangles in their order; done in pieces of so many rows."""
    (m, inner), n = a.shape, b.shape[1]
    found, order = np.zeros((m, n), np.float32), []
    row = finishing.run_row(n)

    def take(context, c, i, i_end, j, j_end, thread):
        assert (context, thread) == (77, 0)
        order.append((i, i_end, j, j_end))
        for r in range(i, i_end):
            found[r, j:j_end] += np.ctypeslib.as_array((ctypes.c_float * (j_end - j)).from_address(c + 4 * (r * row + j)))

    turns = [x.strides[0] == 4 and x.shape[0] > 1 for x in (a, b)]
    steps = [x.strides[turn] // 4 for x, turn in zip((a, b), turns)]
    few, rows = remainder.few(inner, turns[1]), rows or -(-m // 32) * 32
    function, zero, room = TAKES(take), np.zeros(1, np.int64), guarded(np.full(amx.room_size(), np.nan, np.float32))
    kernel = amx.product()
    kernel.load()
    arrays = [x.ctypes.data for x in (a.T if turns[0] else a, b.T if turns[1] else b, room, room, room, zero, zero, zero)]
    for piece in range(-(-m // rows)):
        sizes = m, n, inner, *steps, row, rows, n, -(-m // rows), 1, 0, 0, room.size
        more = *turns, 0, multiply.depth_of(inner - few, m, n), few, ctypes.cast(function, ctypes.c_void_p).value, 77, 0
        kernel.call(*arrays, *sizes, *more, piece, 0)
    return found, order


@pytest.mark.parametrize("shape", [(70, 90, 100), (33, 1100, 40), (100, 2100, 36), (64, 64, 512), (5, 20, 7), (200, 33, 300)])
@pytest.mark.parametrize("turns", [(False, False), (True, False), (False, True), (True, True)])
def test_each_entry_is_handed_on_once(shape, turns):
    a, b, _ = matrices(*shape, "f32")
    a, b = (laid_out(x, turn and min(x.shape) > 1, False) for x, turn in zip((a, b), turns))
    found, order = taken(a, b)
    close(found, a, b, "f32", 0)
    assert all(i <= i_end and j < j_end for i, i_end, j, j_end in order)


def test_rows_follow_each_other_within_a_block_of_columns():
    a, b, _ = matrices(96, 784, 100, "f32")
    _, order = taken(a, b, rows=64)
    assert [(i, j) for i, _, j, _ in order] == sorted((i, j) for i, _, j, _ in order)
    assert len(order) >= 32 * 6  # a piece of a row after the other, but for what is left in the end


def test_numbers_that_have_no_three_parts_are_handed_on_right():
    a, b, _ = matrices(70, 90, 100, "f32")
    a[3, 4], a[5, 6], b[7] = np.inf, 1e-40, 1e-30
    found, _ = taken(a, b)
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(found, a.astype(float) @ b, rtol=1e-4, atol=1e-4)


def test_where_runs_lie_rows_do_not_meet_in_the_cache():
    assert all(finishing.run_row(n) // 16 % 2 and finishing.run_row(n) >= min(n, finishing.BROAD) for n in range(1, 3000, 7))
