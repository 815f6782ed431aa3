"""`mark`: an exercise is right, wrong for a reason that the numbers show, or still open."""

import numpy as np
import pytest

import chainrule
from chainrule import mark
from chainrule.autograd import Function
from chainrule.ladder import Rung, Table


@pytest.mark.parametrize(
    ("answer", "truth", "said"),
    [
        (0.333, 1 / 3, "right: 0.333"),
        (-4.0, 4.0, "not yet: −4 has the wrong sign"),
        (-2.0, 4.0, "not yet: −2 is −0.500 times the true value"),
        (0.5, 0.0, "not yet: 0.5 is 0.5 away from the true value"),
        (float("nan"), 1.0, "not yet: nan is no number to compute with"),
        ([2.0, 4.0], [1.0, 2.0], "not yet: [2, 4] is 2.000 times the true value"),
        ([2.0, 4.5], [1.0, 2.0], "not yet: [2, 4.5] is up to 2.5 away from the true values"),
        ([1.0, 2.0, 4.0], [1.0, 2.0, 3.0], "not yet: 2 of 3 entries are right; entry 2 is 4, which is 1.333 times the true value"),
        ([[1.0, 0.0]], [[1.0, 2.0]], "not yet: 1 of 2 entries are right; entry [0, 1] is 0, which is 2 away from the true value"),
        (np.ones(2), np.ones(3), "not yet: it has shape [2], asked is one of shape [3]"),
        (..., 1.0, "open: write your answer in the place of ..."),
        ([1.0, ...], [1.0, 2.0], "open: write your answer in the place of ..."),
        (None, 1.0, "open: the answer is None: does the function end with `return`?"),
    ],
)
def test_a_value(answer, truth, said):
    assert str(mark(answer, truth)) == repr(mark(answer, truth)) == said
    assert bool(mark(answer, truth)) is said.startswith("right")


def squared(w):
    return (3 * w - 2) ** 2


@pytest.mark.parametrize(
    ("gradient", "said"),
    [
        (lambda w: 6 * (3 * w - 2), "right: your gradient is right"),
        (lambda w: 12 * (3 * w - 2), "not yet: your gradient is 2.000 times the true one"),
        (lambda w: ..., "open: "),
        (lambda w: 6 * ..., "open: "),
    ],
)
def test_a_gradient(gradient, said):
    assert str(mark(gradient, squared, at=[0.0, 1.0, -2.0])).startswith(said)


def function(rule):
    class Squared(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**2

        @staticmethod
        def backward(ctx, g):
            return rule(*ctx.saved_tensors, g)

    Squared.rule = rule
    return Squared


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (lambda x, g: 2 * x * g, "right: Squared.backward agrees with finite differences, at inputs of shape [2]"),
        (lambda x, g: x * g, "not yet: Jacobian mismatch"),
        (lambda x, g: ..., "open: "),
    ],
)
def test_a_function_with_a_rule_of_its_own(rule, said):
    x = chainrule.tensor([1.0, -2.0])
    assert str(mark(function(rule), at=x)).startswith(said)
    assert not x.requires_grad and x.dtype == chainrule.float32  # it was only looked at


@pytest.mark.parametrize(
    ("update", "said"),
    [
        (lambda w, gradient, lr: w - lr * gradient, "right: rung own and rung 2 agree at each of 5 steps"),
        (lambda w, gradient, lr: w + lr * gradient, "not yet: rung own parts from rung 2 at step 1: its update adds"),
        (lambda w, gradient, lr: ..., "open: "),
    ],
)
def test_a_rung(update, said):
    table = Table([1.0, 2.0, 4.0], [3.0, 5.0, 9.0])
    assert str(mark(Rung(updates=update), table, epochs=5)).startswith(said)


def test_an_error_in_the_answer_is_the_answers():
    with pytest.raises(ZeroDivisionError):
        mark(lambda w: 1 / 0, squared, at=[1.0])


@pytest.mark.parametrize(
    ("answer", "at", "said"),
    [
        (lambda: 3.0, None, "right: 3"),
        (lambda: ..., None, "open: write your answer"),
        (lambda: 2 * ..., None, "open: write your answer"),
        (lambda x: 2 * x, 3.0, "not yet: 6 is 2.000 times the true value"),
        (lambda x, y: x - y, (5.0, 2.0), "right: 3"),
    ],
)
def test_what_a_function_gives(answer, at, said):
    assert str(mark(answer, 3.0, at)).startswith(said)
