"""cdist: differences between few rows, products of matrices between many; PyTorch's values, gradients and errors."""

import math

import pytest

import chainrule
from tests.tensors.compare import check, normal


@pytest.mark.parametrize("rows", [4, 30])
@pytest.mark.parametrize("p", [1.0, 2.0, math.inf])
def test_distances(rows, p):
    check(lambda t, a, b: t.cdist(a, b, p) ** 2, [normal(2, rows, 3), normal(5, 3, seed=1)], second=False)


@pytest.mark.parametrize("mode", ["use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist"])
@pytest.mark.parametrize("rows", [4, 30])
def test_either_way_by_name(rows, mode):
    check(lambda t, a, b: t.cdist(a, b, compute_mode=mode) ** 2, [normal(rows, 3), normal(5, 3, seed=1)], second=False)


def test_rows_that_are_equal_have_no_distance_and_no_gradient():
    x = chainrule.ones(30, 2, requires_grad=True)
    apart = chainrule.cdist(x, chainrule.ones(30, 2))
    apart.sum().backward()
    assert apart.abs().max() == 0 and x.grad.abs().max() == 0


def test_a_number_that_is_none_makes_its_row_none():
    x = chainrule.ones(30, 2)
    x[3, 0] = math.nan
    apart = chainrule.cdist(x, chainrule.zeros(2, 2))
    assert apart.isnan().nonzero().tolist() == [[3, 0], [3, 1]]


def test_the_node_is_called_as_in_pytorch():
    for rows in (3, 30):
        x = chainrule.ones(rows, 2, requires_grad=True)
        assert chainrule.cdist(x, x + 1).grad_fn.name() == "CdistBackward0"


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x: chainrule.cdist(x[0], x), RuntimeError, r"at least 2D tensors, X1 got: 1D[^$]*x1\.unsqueeze"),
        (lambda x: chainrule.cdist(x, x[0]), RuntimeError, "at least 2D tensors, X2 got: 1D"),
        (lambda x: chainrule.cdist(x, x[:, :1]), RuntimeError, "same number of columns. X1: 2 X2: 1"),
        (lambda x: chainrule.cdist(x, x, compute_mode="mm"), ValueError, "mm is not a valid value for compute_mode"),
    ],
)
def test_what_it_cannot_take(call, error, text):
    with pytest.raises(error, match=text):
        call(chainrule.ones(3, 2))
