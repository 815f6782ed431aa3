"""Broadcasting, axes and reshapes, as properties and by the texts of their errors."""

from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.base import shapes

SHAPES = st.lists(st.integers(0, 4), max_size=4).map(tuple)


@given(SHAPES, SHAPES)
def test_broadcasting_is_numpys(a, b):
    try:
        expected = np.broadcast_shapes(a, b)
    except ValueError:
        with pytest.raises(RuntimeError, match="must match the size of tensor b .* at non-singleton dimension"):
            shapes.broadcast(a, b)
        return
    assert shapes.broadcast(a, b) == expected
    for shape in (a, b):  # undoing it: the stretched axes are those along which a sum gives the shape back
        over = shapes.stretched(shape, expected)
        assert prod(shapes.reduced(expected, over, False)) == prod(shape) or 0 in expected


@given(SHAPES, st.integers(-6, 6))
def test_an_axis_counts_from_either_end(shape, dim):
    low = max(len(shape), 1)
    if -low <= dim < low:
        assert shapes.axis(dim, len(shape)) == dim % low
    else:
        with pytest.raises(IndexError, match=rf"Dimension out of range \(expected to be in range of \[-{low}, {low - 1}\], but got {dim}\)"):
            shapes.axis(dim, len(shape))


@given(SHAPES, st.data())
def test_the_inferred_size_of_a_reshape(shape, data):
    n = prod(shape)
    place = data.draw(st.integers(0, len(shape)))
    asked = [*shape[:place], -1, *shape[place:]]
    if n == 0:
        with pytest.raises(RuntimeError, match="cannot reshape tensor of 0 elements into shape .* is ambiguous"):
            shapes.resolve(asked, n)
    else:
        assert shapes.resolve(asked, n) == (*shape[:place], 1, *shape[place:])


def test_texts():
    for call, words in [
        (lambda: shapes.broadcast((2, 3), (3, 2)), "The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1\n  why: shapes [2, 3] and [3, 2] are aligned at their last axis, and there 3 meets 2; only equal sizes, or a 1, pair up\n  instead: transpose one of them: b.T"),
        (lambda: shapes.broadcast((4, 3), (4,)), "instead: make b a column: b.unsqueeze(1)"),
        (lambda: shapes.broadcast((4,), (4, 3)), "instead: make a a column: a.unsqueeze(1)"),
        (lambda: shapes.broadcast((2, 6), (3, 4)), "instead: reshape one of them: b.reshape(2, 6)"),
        (lambda: shapes.resolve((3,), 4), "shape '[3]' is invalid for input of size 4\n  why: the new shape holds 3 entries, the tensor 4"),
        (lambda: shapes.resolve((-1, -1), 4), "only one dimension can be inferred"),
        (lambda: shapes.resolve((-2, 2), 4), "invalid shape dimension -2"),
        (lambda: shapes.axes((0, -2), 2), "dim 0 appears multiple times in the list of dims"),
    ]:  # fmt: skip
        with pytest.raises(RuntimeError) as error:
            call()
        assert words in str(error.value)
