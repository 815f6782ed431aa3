"""What cannot be checked is refused, with the values, the reason, and what to write instead."""

import numpy as np
import pytest

from chainrule.ladder import check_gradient

X, Y = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 4.0, 6.0, 8.0])


def square(w):
    return (w**2).sum()


def test_a_loss_that_is_no_number():
    with pytest.raises(
        RuntimeError, match="grad can be implicitly created only for scalar outputs: loss gives shape"
    ) as e:
        check_gradient(lambda w: 2 * w, lambda w: w**2, np.ones(3))
    assert ".mean()" in str(e.value)


def test_a_loss_that_returns_nothing():
    with pytest.raises(RuntimeError, match="loss gives None"):
        check_gradient(lambda w: 2 * w, lambda w: None, 1.0)


def test_a_gradient_that_returns_nothing():
    with pytest.raises(TypeError, match="gradient returns None for w"):
        check_gradient(lambda w: None, square, 1.0)


def test_nan_in_the_gradient():
    with pytest.raises(ValueError, match=r"gradient gives \[nan, nan\] for w at w = \[1, 1\]"):
        check_gradient(lambda w: w * np.nan, square, np.ones(2))


def test_a_loss_outside_its_domain():
    with np.errstate(all="ignore"), pytest.raises(ValueError, match=r"the loss is -?inf at w = 0"):
        check_gradient(lambda w: 1 / (w + 1), lambda w: np.log(w), [0.0, 1.0])


def test_a_gradient_that_changes_its_input():
    def gradient(w):
        w *= 2
        return w

    with pytest.raises(ValueError, match=r"gradient changes its input w in place: \[1, 1\] became \[2, 2\]"):
        check_gradient(gradient, square, np.ones(2))


def test_a_gradient_that_changes_the_data():
    def gradient(x, y, y_pred):
        x *= 2
        return np.mean(x * (y_pred - y))

    with pytest.raises(ValueError, match="gradient changes its input x in place"):
        check_gradient(
            gradient,
            lambda y, y_pred: ((y_pred - y) ** 2).mean(),
            0.0,
            data={"x": X, "y": Y},
            prediction=lambda x, w: w * x,
        )


def test_unequal_numbers_of_samples():
    with pytest.raises(ValueError, match="the numbers of samples differ: x has 4 and y has 3"):
        check_gradient(
            lambda x, y, y_pred: 0.0,
            lambda y, y_pred: ((y_pred - y) ** 2).mean(),
            0.0,
            data={"x": X, "y": Y[:3]},
            prediction=lambda x, w: w * x,
        )


def test_a_name_that_nothing_is_known_by():
    with pytest.raises(TypeError, match="nothing is known by the name 'y_hatt'") as e:
        check_gradient(
            lambda x, y, y_hatt: 0.0,
            lambda y, y_pred: ((y_pred - y) ** 2).mean(),
            {"w": 0.0},
            data={"x": X, "y": Y},
            prediction=lambda x, w: w * x,
        )
    assert "x, y, w, y_pred" in str(e.value)


def test_a_parameter_that_no_function_knows():
    with pytest.raises(TypeError, match="no function takes or reads a 'weigth'. Did you mean 'weight'"):
        check_gradient(
            lambda x, y, y_pred: 0.0,
            lambda y, y_pred: ((y_pred - y) ** 2).mean(),
            {"weigth": 0.0},
            data={"x": X, "y": Y},
            prediction=lambda x, weight: weight * x,
        )


def test_a_parameter_that_cannot_be_told():
    with pytest.raises(TypeError, match="not the name of the parameter") as e:
        check_gradient(
            lambda x, y, y_pred: (0.0, 0.0),
            lambda y, y_pred: ((y_pred - y) ** 2).mean(),
            0.0,
            data={"x": X, "y": Y},
            prediction=lambda x, w, b: w * x + b,
        )
    assert "w, b could each be it" in str(e.value)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ([], "at lists no point"),
        ({}, "at names no parameter"),
        ({"w": [0.0, 1.0], "b": [0.0]}, "at lists 2 values of w and 1 values of b"),
        ([np.ones(2), np.ones(3)], "the points differ in shape"),
    ],
)
def test_points_that_are_none(at, words):
    with pytest.raises(ValueError, match=words):
        check_gradient(lambda w: 2 * w, square, at)


def test_points_that_are_no_numbers():
    with pytest.raises(TypeError, match="w holds <U1 values, not real numbers"):
        check_gradient(lambda w: 2 * w, square, "1")


def test_too_few_gradients():
    with pytest.raises(ValueError, match=r"gradient returns one float\w* for 2 parameters \(a, b\)") as e:
        check_gradient(lambda a, b: 2.0, lambda a, b: a**2 + b**2, {"a": 1.0, "b": 2.0})
    assert "return da, db" in str(e.value)


def test_a_gradient_left_out_of_a_dict():
    with pytest.raises(ValueError, match="gradient returns nothing for b"):
        check_gradient(lambda a, b: {"a": 2 * a}, lambda a, b: a**2 + b**2, {"a": 1.0, "b": 2.0})


def test_an_error_of_the_users_own_passes_through():
    def gradient(w):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        check_gradient(gradient, square, 1.0)
