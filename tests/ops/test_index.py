"""Picking and putting against PyTorch, to the second derivative."""

import numpy as np
import pytest

import chainrule
from tests.ops.against import check, normal

M, C = (4, 6), (2, 3, 4)


def ints(t, *rows):
    return t.tensor(rows)


KEYS = {
    "int": (M, lambda t: 2),
    "negative int": (M, lambda t: -1),
    "NumPy int": (M, lambda t: np.int64(3)),
    "0-dim tensor": (M, lambda t: t.tensor(1)),
    "int in a vector": ((5,), lambda t: 3),
    "slice": (M, lambda t: slice(1, 3)),
    "slice with a step": (M, lambda t: slice(0, 4, 3)),
    "negative slice": (M, lambda t: slice(-3, -1)),
    "slice beyond": (M, lambda t: slice(2, 99)),
    "empty slice": (M, lambda t: slice(3, 1)),
    "slice of tensors": (M, lambda t: slice(t.tensor(1), t.tensor(3))),
    "everything": (M, lambda t: slice(None)),
    "...": (M, lambda t: ...),
    "nothing": (M, lambda t: ()),
    "None": (M, lambda t: None),
    "two ints": (M, lambda t: (1, -2)),
    "int and slice": (C, lambda t: (1, slice(0, 2))),
    "slice and int": (C, lambda t: (slice(None), 1)),
    "... and int": (C, lambda t: (..., 1)),
    "None between": (C, lambda t: (slice(None), None, 1)),
    "None after": (C, lambda t: (0, ..., None)),
    "index": (M, lambda t: ints(t, 0, 2, 2)),
    "negative index": (M, lambda t: ints(t, -1, 0)),
    "index matrix": (M, lambda t: t.tensor([[0, 1], [1, 3]])),
    "int32 index": (M, lambda t: t.tensor([0, 1], dtype=t.int32)),
    "list": (M, lambda t: [3, 0]),
    "array": (M, lambda t: np.array([3, 0])),
    "range": (M, lambda t: range(3)),
    "empty list": (M, lambda t: []),
    "two indices": (M, lambda t: (ints(t, 0, 1, 1), ints(t, 5, 0, 0))),
    "indices that broadcast": (M, lambda t: (t.tensor([[0], [3]]), ints(t, 1, 1, 4))),
    "index of the second axis": (M, lambda t: (slice(None), ints(t, 5, 5, 1))),
    "index behind ...": (C, lambda t: (..., ints(t, 0, 0))),
    "index and int": (C, lambda t: (ints(t, 1, 0), 2)),
    "int and index apart": (C, lambda t: (0, slice(None), ints(t, 1, 3))),
    "indices apart": (C, lambda t: (ints(t, 0, 1), slice(None), ints(t, 3, 3))),
    "indices together": (C, lambda t: (slice(None), ints(t, 0, 2), ints(t, 3, 3))),
    "index and None": (C, lambda t: (ints(t, 0, 1), None, ints(t, 0, 1))),
    "index and slice": (C, lambda t: (slice(0, 1), ints(t, 2, 2, 0), slice(1, 4, 2))),
    "mask": (M, lambda t: t.tensor(normal(*M, seed=5)) > 0),
    "mask of rows": (M, lambda t: t.tensor([True, False, True, True])),
    "mask as a list": (M, lambda t: [True, False, True, True]),
    "mask of columns": (M, lambda t: (slice(None), t.tensor([True, False, True, True, False, False]))),
    "mask of two axes": (C, lambda t: t.tensor(normal(2, 3, seed=6)) > 0),
    "mask and int": (C, lambda t: (t.tensor([True, False]), 1)),
    "int and mask": (C, lambda t: (1, t.tensor([True, False, True]))),
    "mask and index": (C, lambda t: (t.tensor([True, True]), ints(t, 2, 0))),
    "empty mask": (M, lambda t: t.zeros(4, 6, dtype=t.bool)),
    "True": (M, lambda t: True),
    "False": (M, lambda t: False),
}


@pytest.mark.parametrize("case", KEYS)
def test_reading(case):
    shape, key = KEYS[case]
    check(lambda t, x: (x * 1)[key(t)], [normal(*shape)])


@pytest.mark.parametrize("case", KEYS)
def test_writing_a_number(case):
    shape, key = KEYS[case]

    def function(t, x):
        y = x * 1
        y[key(t)] = 2.5
        return y

    check(function, [normal(*shape)], names=False)


@pytest.mark.parametrize("case", [k for k in KEYS if k not in ("index", "two indices", "index of the second axis", "index behind ...",
    "indices that broadcast", "index matrix", "index and slice", "indices apart", "indices together", "index and None")])  # fmt: skip
def test_writing_a_tensor(case):
    """(Keys that name an entry twice are left out: which of the values stays is not defined.)"""
    shape, key = KEYS[case]
    part = chainrule.zeros(*shape)[key(chainrule)]

    def function(t, x, v):
        y = x * 1
        y[key(t)] = v
        return y

    check(function, [normal(*shape), normal(*part.shape, seed=3)], names=False)


def test_writing_broadcasts():
    def function(t, x, v):
        y = x * 1
        y[:, [0, 2]] = v
        y[1:3, 4:] = v[:2]
        y[t.tensor([True, False, False, True])] = v.reshape(1, 4, 1)[:, :1]
        return y

    check(function, [normal(*M), normal(4, 1, seed=1)], names=False)


@pytest.mark.parametrize("n", [3, 40, 700])
def test_index_sums_up_what_it_names_twice(n):
    """The gradient of rows that are picked again and again, by each of the ways there are to add them up."""
    rng = np.random.default_rng(n)
    for shape in [(5, 2), (9, 300), (50,)]:
        where = rng.integers(-shape[0], shape[0], n)
        check(lambda t, x, i=where: x[t.tensor(i)], [rng.normal(size=shape)])


I1 = np.array([[0, 5], [3, 3], [1, 0]])
ALONG = {
    "gather": lambda t, x, s: x.gather(1, t.tensor(I1)),
    "gather numbers": lambda t, x, s: t.gather(x[0], 0, t.tensor([5, 0, 0])),
    "gather a number": lambda t, x, s: t.gather(x[0], 0, t.tensor(3)),
    "gather first axis": lambda t, x, s: t.gather(x, 0, t.tensor([[3, 0, 0, 1, 2, 2]])),
    "take_along_dim": lambda t, x, s: t.take_along_dim(x, t.tensor([[2], [0], [5], [1]]), 1),
    "take_along_dim broadcast": lambda t, x, s: t.take_along_dim(x, t.tensor([[0, 3, 3]]), -1),
    "take_along_dim flat": lambda t, x, s: t.take_along_dim(x, t.tensor([0, 23, 4])),
    "scatter": lambda t, x, s: x.scatter(1, t.tensor([[0, 5], [3, 2], [1, 0]]), s[:3, :2]),
    "scatter a number": lambda t, x, s: x.scatter(1, t.tensor(I1), 1.5),
    "scatter_add": lambda t, x, s: x.scatter_add(1, t.tensor(I1), s[:3, :2]),
    "scatter_add first axis": lambda t, x, s: x.scatter_add(0, t.tensor([[3, 0, 0, 1, 2, 2]]), s[:1]),
    "scatter_reduce sum": lambda t, x, s: x.scatter_reduce(1, t.tensor(I1), s[:3, :2], "sum"),
    "scatter_reduce sum alone": lambda t, x, s: x.scatter_reduce(1, t.tensor(I1), s[:3, :2], "sum", include_self=False),
    "scatter_reduce mean": lambda t, x, s: x.scatter_reduce(1, t.tensor(I1), s[:3, :2], "mean"),
    "scatter_reduce mean alone": lambda t, x, s: x.scatter_reduce(
        1, t.tensor(I1), s[:3, :2], "mean", include_self=False
    ),
    "scatter_reduce amax": lambda t, x, s: x.scatter_reduce(1, t.tensor(I1), s[:3, :2], "amax"),
    "scatter_reduce amin alone": lambda t, x, s: x.scatter_reduce(
        1, t.tensor(I1), s[:3, :2], "amin", include_self=False
    ),
    "index_select": lambda t, x, s: x.index_select(1, t.tensor([5, 0, 0])),
    "index_select a number": lambda t, x, s: x[0, 0].index_select(0, t.tensor([0])),
    "index_add": lambda t, x, s: x.index_add(0, t.tensor([2, 2, 0]), s[:3], alpha=1.5),
    "index_add columns": lambda t, x, s: t.index_add(x, -1, t.tensor([5]), s[:, :1]),
    "index_copy": lambda t, x, s: x.index_copy(0, t.tensor([2, 0]), s[:2]),
    "index_fill": lambda t, x, s: x.index_fill(1, t.tensor([2, -1]), 0.5),
    "index_put": lambda t, x, s: x.index_put((t.tensor([3, 1]), t.tensor([0, 0])), s[0, :2]),
    "index_put rows": lambda t, x, s: x.index_put((t.tensor([3, 1]),), s[0]),
    "index_put accumulating": lambda t, x, s: x.index_put((t.tensor([3, 3]),), s[0], accumulate=True),
    "take": lambda t, x, s: t.take(x, t.tensor([[0, -1], [7, 7]])),
    "put": lambda t, x, s: x.put(t.tensor([0, -1, 7]), s[0, :3]),
    "put accumulating": lambda t, x, s: x.put(t.tensor([0, -1, 0]), s[0, :3], accumulate=True),
    "masked_fill": lambda t, x, s: x.masked_fill(s > 0, -7.0),
    "masked_fill a row": lambda t, x, s: x.masked_fill(s[0] > 0, 3),
    "masked_fill that broadcasts": lambda t, x, s: x[0].masked_fill(s > 0, 3),
    "masked_select": lambda t, x, s: x.masked_select(s > 0),
    "masked_select that broadcasts": lambda t, x, s: t.masked_select(x, s[:, :1] > 0),
    "masked_scatter": lambda t, x, s: x.masked_scatter(s > 0, s * 2),
    "select": lambda t, x, s: x.select(1, -2),
    "narrow": lambda t, x, s: x.narrow(1, -4, 3),
    "where": lambda t, x, s: t.where(s > 0, x, s),
}
OTHER_NAMES = {  # as above, where the node is not named after how PyTorch makes it
    "take_along_dim flat", "take_along_dim", "take_along_dim broadcast", "gather numbers", "gather a number",
    "index_select a number",
}  # fmt: skip


@pytest.mark.parametrize("case", ALONG)
def test_along_an_axis(case):
    check(ALONG[case], [normal(*M), normal(*M, seed=1)], names=case not in OTHER_NAMES)


@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("zeros", [0, 1, 3])
def test_scatter_reduce_prod(zeros, include_self):
    """Products, also of zeros, whose gradient is the product of the others."""
    source = normal(4, 6, seed=1)
    source.reshape(-1)[[1, 6, 7][:zeros]] = 0
    x = normal(*M)
    x[0, 0] = 0
    check(
        lambda t, x, s: x.scatter_reduce(1, t.tensor(I1), s[:3, :2], "prod", include_self=include_self),
        [x, source],
        second=False,
    )


def test_scatter_reduce_shares_gradients_among_equals():
    def winners(t):
        x, s = t.tensor([3.0, 1.0], requires_grad=True), t.tensor([3.0, 3.0, 2.0, 0.0], requires_grad=True)
        x.scatter_reduce(0, t.tensor([0, 0, 1, 1]), s, "amax").sum().backward()
        return x.grad.tolist() + s.grad.tolist()

    assert winners(chainrule) == pytest.approx([1 / 3, 0, 1 / 3, 1 / 3, 1, 0])
    assert winners(chainrule) == pytest.approx(winners(pytest.importorskip("torch")))


def test_scatter_with_a_source_larger_than_the_index():
    """PyTorch uses the corner of the source that the index covers; its gradient is zero elsewhere."""
    x, s = chainrule.zeros(2, 3), chainrule.ones(2, 3, requires_grad=True)
    y = x.scatter(1, chainrule.tensor([[2]]), s)
    y.sum().backward()
    assert y.tolist() == [[0, 0, 1], [0, 0, 0]]
    assert s.grad.tolist() == [[1, 0, 0], [0, 0, 0]]


def test_scatter_that_adds_and_multiplies():
    x = chainrule.full((2, 3), 3.0)
    assert x.scatter(1, chainrule.tensor([[0, 0]]), 1.5, reduce="add").tolist() == [[6, 3, 3], [3, 3, 3]]
    assert x.scatter(1, chainrule.tensor([[0, 0]]), 2.0, reduce="multiply").tolist() == [[12, 3, 3], [3, 3, 3]]


def test_fill_has_gradient_zero_even_where_the_upstream_gradient_is_infinite():
    w = chainrule.ones(3, requires_grad=True)
    y = w * 2
    y.fill_(0)
    assert y.requires_grad
    (y * float("inf")).sum().backward()
    assert w.grad.tolist() == [0, 0, 0]


def test_complex_from_two_reals_and_back():
    def function(t, a, b):
        z = t.complex(a, b[:1])
        return [z.real, z.imag * 2]

    check(function, [normal(*M), normal(*M, seed=1)], names=False)
