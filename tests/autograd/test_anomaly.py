"""Anomaly detection names the operation that made a NaN, or met an error, and the line of the program it was called in."""

import warnings

import pytest

import chainrule as cr


def square_roots(t):
    x = t.tensor([-1.0, 4.0], requires_grad=True)
    y = (x * 1).sqrt()  # the line that is looked for
    y.sum().backward()
    return x


def overwritten(t):
    x = t.ones(2, requires_grad=True)
    y = x.exp()  # the line that is looked for
    y.add_(1)
    y.sum().backward()


class Failing:
    def __init__(self, t):
        class Fails(t.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x * 1

            @staticmethod
            def backward(ctx, g):
                raise ValueError("on purpose")

        self.function = Fails


def failing(t):
    x = t.ones(2, requires_grad=True)
    y = Failing(t).function.apply(x)  # the line that is looked for
    y.sum().backward()


@pytest.mark.parametrize(
    ("program", "error", "name"),
    [
        (square_roots, "Function 'SqrtBackward0' returned nan values in its 0th output", "SqrtBackward0"),
        (overwritten, "Hint: the backtrace further above shows the operation that failed", "ExpBackward0"),
        (failing, "on purpose", "FailsBackward"),
    ],
)
def test_the_line_is_named(program, error, name):
    def caught(t):
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            with pytest.raises((RuntimeError, ValueError), match=error), t.autograd.detect_anomaly():
                program(t)
        return [str(w.message) for w in said if w.category is UserWarning]

    said = caught(cr)
    assert said[0].startswith("Anomaly Detection has been enabled")
    assert said[1].startswith(f"Error detected in {name}. Traceback of forward call that caused the error:")
    assert said[1].rstrip().endswith("# the line that is looked for")
    torch = pytest.importorskip("torch")
    theirs = caught(torch)
    assert [line[:40] for line in said] == [line[:40] for line in theirs]


def test_without_it_nothing_is_said_and_a_hint_is_given():
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        assert cr.isnan(square_roots(cr).grad).tolist() == [True, False]
    with pytest.raises(RuntimeError, match="Hint: enable anomaly detection to find the operation that failed"):
        overwritten(cr)


def test_a_forward_pass_without_it_is_not_remembered():
    x = cr.tensor([-1.0], requires_grad=True)
    y = x.sqrt().sum()
    with pytest.warns(UserWarning, match="Error detected in SqrtBackward0. No forward pass information available."):
        with pytest.raises(RuntimeError, match="returned nan values"), cr.autograd.set_detect_anomaly(True):
            y.backward()


def test_the_search_for_nan_can_be_left_out():
    with cr.autograd.set_detect_anomaly(True, check_nan=False):
        x = square_roots(cr)
    assert cr.isnan(x.grad).tolist() == [True, False]


def test_as_a_switch():
    assert not cr.is_anomaly_enabled()
    cr.autograd.set_detect_anomaly(True, check_nan=False)
    try:
        assert cr.is_anomaly_enabled() and not cr.is_anomaly_check_nan_enabled()
        y = cr.ones(1, requires_grad=True) * 2
        assert "traceback_" in y.grad_fn.metadata
        with cr.autograd.set_detect_anomaly(False):
            assert not cr.is_anomaly_enabled()
        assert cr.is_anomaly_enabled()
    finally:
        cr.autograd.set_detect_anomaly(False)
    assert not cr.is_anomaly_enabled()
    assert (cr.ones(1, requires_grad=True) * 2).grad_fn.metadata == {}


def test_the_error_says_where_the_nan_is():
    x = cr.tensor([1.0, 0.0], requires_grad=True)
    with warnings.catch_warnings(), cr.autograd.set_detect_anomaly(True):
        warnings.simplefilter("ignore")
        with pytest.raises(RuntimeError, match=r"the first NaN is at \[1\] of the gradient of its input 0"):
            (x.sqrt() * 0).sum().backward()
