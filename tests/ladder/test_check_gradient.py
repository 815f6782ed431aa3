"""`check_gradient` finds what is wrong with a gradient, by its values alone, and calls nothing wrong that is right."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.ladder import check_gradient

X = np.array([1, 2, 3, 4], dtype=np.float32)
Y = np.array([2, 4, 6, 8], dtype=np.float32)
w = 0.0
lam = 0.3


def forward(x):
    return w * x


def loss(y, y_predicted):
    return ((y_predicted - y) ** 2).mean()


def check(gradient, loss=loss, at=(0.0, 1.0, 3.0), **kwargs):
    kwargs = {"data": {"x": X, "y": Y}, "prediction": forward} | kwargs
    return check_gradient(gradient, loss, list(at) if isinstance(at, tuple) else at, **kwargs)


# The documents' own.


def test_the_documents_gradient_is_n_times_too_large():
    def gradient(x, y, y_predicted):
        return np.dot(2 * x, y_predicted - y).mean()

    found = check(gradient)
    assert not found
    assert found.message == (
        "your gradient is 4.000 times the true one at every point tried; "
        "the loss takes a mean over N = 4; your gradient takes a sum"
    )
    assert found.ratio == pytest.approx(4) and found.cause == "factor"
    assert "with every sample given twice, the loss stays 30 and your gradient of w goes from -120 to -240" in str(
        found
    )


def test_the_documents_right_gradient_is_right():
    """Another of the documents writes w = np.zeros(1), (w, x) and (y_pred, y_true); its gradient has shape ()."""
    found = check_gradient(
        lambda x, y_true, y_pred: np.mean(2 * x * (y_pred - y_true)),
        lambda y_pred, y_true: ((y_pred - y_true) ** 2).mean(),
        np.zeros(1),
        data={"X": np.array([-1, 1, 2, 3, 4], dtype=np.float32), "y": np.array([-2, 2, 4, 6, 8], dtype=np.float32)},
        prediction=lambda w, x: w * x,
    )
    assert found and found.cause is None and found.ratio == 1
    assert "right at every one of 4 points" in found.message
    assert "autograd and finite differences agree" in found.evidence[0]


def test_the_callers_globals_come_back():
    check(lambda x, y, y_pred: np.mean(2 * x * (y_pred - y)))
    assert w == 0.0 and isinstance(w, float) and X.dtype == np.float32


# Each cause, by a gradient that has it.


@pytest.mark.parametrize(
    ("gradient", "cause", "words"),
    [
        (lambda x, y, y_pred: np.mean(2 * x * (y - y_pred)), "sign", "its sign is turned"),
        (lambda x, y, y_pred: np.mean(x * (y_pred - y)), "factor", "the factor 2 that the derivative of a square"),
        (lambda x, y, y_pred: np.mean(4 * x * (y_pred - y)), "factor", "a factor 2 is there twice"),
        (lambda x, y, y_pred: np.sum(x * (y_pred - y)), "factor", "takes a sum; the factor 2 that the derivative"),
        (lambda x, y, y_pred: np.mean(7.4 * x * (y_pred - y)), "factor", "no size in the problem equals 3.700"),
        (lambda x, y, y_pred: 0.0, "zero", "your gradient is 0 at every point tried"),
        (lambda x, y, y_pred: 2 * x * (y_pred - y), "shape", "end it with .mean(axis=0)"),
        (lambda x, y, y_pred: np.mean(2 * (y_pred - y)), "chain rule", "not yet multiplied by ∂ŷ/∂w"),
        (lambda x, y, y_pred: -30.0, "stale", "does it use a prediction made before"),
        (lambda x, y, y_pred: np.mean(2 * x * (y_pred - y)) + 0.5, "missing term", "the same amount, -0.5"),
        (lambda x, y, y_pred: np.mean(2 * x * (y_pred - y)) + 0.2 * w, "extra term", "0.2·w too much"),
        (lambda x, y, y_pred: np.mean(x * (y_pred - y)) ** 3, "unknown", "not by one factor or term"),
    ],
)
def test_a_cause_is_named(gradient, cause, words):
    found = check(gradient)
    assert (found.cause, found.ok) == (cause, False)
    assert words in found.message, found.message


def test_a_sum_in_the_loss_and_a_mean_in_the_gradient():
    found = check(lambda x, y, y_pred: np.mean(2 * x * (y_pred - y)), lambda y, y_pred: ((y_pred - y) ** 2).sum())
    assert found.message.endswith("the loss takes a sum; your gradient takes a mean over N = 4")
    assert found.ratio == pytest.approx(1 / 4)


def test_weight_decay_is_missed_and_its_strength_named():
    found = check(
        lambda x, y, y_pred: (2 * x * (y_pred - y)).mean(), lambda y, y_pred: ((y_pred - y) ** 2).mean() + lam * w**2
    )
    assert "lacks 0.6·w (that is 2·lam)" in found.message
    assert "the gradient of 0.3·w² (weight decay, an L2 term) is missing" in found.message


def test_an_l1_term_is_missed():
    found = check_gradient(lambda w: 2 * w, lambda w: (w**2).sum() + 0.1 * abs(w).sum(), np.array([1.0, -2.0, 3.0]))
    assert "lacks 0.1·sign(w)" in found.message and found.cause == "missing term"


def test_of_a_loss_in_terms_the_missing_one_is_named():
    terms = {"fit": loss, "decay": lambda w: 0.1 * w**2}
    assert check(lambda x, y, y_pred, w: np.mean(2 * x * (y_pred - y)) + 0.2 * w, terms)
    found = check(lambda x, y, y_pred: np.mean(2 * x * (y_pred - y)), terms)
    assert found.message == "the gradient of the term 'decay' is missing; the other terms are right"
    found = check(lambda x, y, y_pred, w: np.mean(2 * x * (y_pred - y)) - 0.2 * w, terms)
    assert "the term 'decay' counts -1.000 times" in found.message and found.cause == "term"


# Several parameters, matrices.

RANDOM = np.random.default_rng(1)
XS, YS = RANDOM.normal(size=(12, 3)), RANDOM.normal(size=(12, 2))
START = {"W": RANDOM.normal(size=(3, 2)), "b": RANDOM.normal(size=2)}


def check_plane(gradient, **kwargs):
    return check_gradient(
        gradient,
        lambda y, y_pred: ((y_pred - y) ** 2).mean(),
        START,
        data={"X": XS, "Y": YS},
        prediction=lambda X, W, b: X @ W + b,
        **kwargs,
    )


def dW(x, y, y_pred):
    return 2 * x.T @ (y_pred - y) / y.size


def db(y, y_pred):
    return 2 * (y_pred - y).sum(axis=0) / y.size


def test_a_right_gradient_of_matrices():
    assert check_plane(lambda x, y, y_pred: (dW(x, y, y_pred), db(y, y_pred)))
    assert check_plane(lambda x, y, y_pred: {"b": db(y, y_pred), "W": dW(x, y, y_pred)})


@pytest.mark.parametrize(
    ("gradient", "cause", "words"),
    [
        (lambda x, y, y_pred: (dW(x, y, y_pred).T, db(y, y_pred)), "transposed", "its shape is (2, 3), W has (3, 2)"),
        (lambda x, y, y_pred: (dW(x, y, y_pred) * 2, db(y, y_pred)), "factor", "2 is K, the number of outputs"),
        (lambda x, y, y_pred: (dW(x, y, y_pred), db(y, y_pred).sum()), "shape", "it is the sum of theirs"),
        (lambda x, y, y_pred: (dW(x, y, y_pred), 2 * (y_pred - y) / y.size), "shape", "end it with .sum(axis=0)"),
        (
            lambda x, y, y_pred: (dW(x, y, y_pred)[::-1], db(y, y_pred)),
            "order",
            "what stands at W[0, 0] belongs to W[2, 0]",
        ),
        (lambda x, y, y_pred: (dW(x, y, y_pred).ravel(), db(y, y_pred)), "shape", "its values are right"),
        (
            lambda x, y, y_pred: (dW(x, y, y_pred).T * 12, db(y, y_pred)),
            "transposed",
            "turned back, it is 12.000 times the true one",
        ),
        (
            lambda x, y, y_pred: (dW(x, y, y_pred) * np.array([[1, 1], [1, 1], [1, -1]]), db(y, y_pred)),
            "components",
            "wrong at W[2, 1] only, and right at the other 5; there, it is -1.000 times",
        ),
    ],
)
def test_of_matrices_a_cause_is_named(gradient, cause, words):
    found = check_plane(gradient)
    assert (found.cause, found.ok) == (cause, False)
    assert words in found.message, found.message


def test_all_parameters_off_by_one_factor_are_told_once():
    found = check_plane(lambda x, y, y_pred: (dW(x, y, y_pred) * len(y), db(y, y_pred) * len(y)))
    assert found.message.count("12.000 times") == 1 and found.wrong == ("W", "b")


def test_gradients_that_changed_places():
    found = check_gradient(
        lambda a, b: (2 * b, 3 * a**2), lambda a, b: (a**3).sum() + (b**2).sum(), {"a": np.ones(2), "b": 2 * np.ones(2)}
    )
    assert found.cause == "swapped" and "right, but swapped" in found.message


def test_a_square_matrix_transposed_in_its_values():
    a = RANDOM.normal(size=(3, 3))
    found = check_gradient(lambda w: a.T, lambda w: (a * w).sum(), np.ones((3, 3)))
    assert found.cause == "transposed"


def test_an_activation_left_out():
    def sigmoid(x, w):
        return 1 / (1 + np.exp(-(x @ w)))

    found = check_gradient(
        lambda x, y, y_pred: 2 * x.T @ (y_pred - y) / len(y),
        lambda y, y_pred: ((y_pred - y) ** 2).mean(),
        np.zeros(3),
        data={"x": XS, "y": (YS[:, 0] > 0).astype(float)},
        prediction=sigmoid,
    )
    assert found.cause == "chain rule" and "without the derivative of the activation" in found.message


# What must not be called wrong.


def test_float32_rounding_is_not_wrong():
    x, y = XS.astype(np.float32), YS[:, 0].astype(np.float32)

    def gradient(w):
        error = x.astype(np.float32) @ w.astype(np.float32) - y.astype(np.float32)
        return np.float32(2) * x.astype(np.float32).T @ error / np.float32(12)

    def loss(w):
        return float(np.mean((x.astype(np.float32) @ w.astype(np.float32) - y.astype(np.float32)) ** 2))

    assert check_gradient(gradient, loss, np.array([1.0, 2.0, 3.0]))
    assert check_gradient(lambda w: gradient(w) * 12, loss, np.array([1.0, 2.0, 3.0])).ratio == pytest.approx(
        12, rel=1e-4
    )


def test_at_the_optimum_all_is_zero_and_right():
    assert check(lambda x, y, y_pred: np.mean(2 * x * (y_pred - y)), at=2.0)


def test_a_kink_has_no_derivative_and_any_slope_between_will_do():
    for slope_at_zero in (-1.0, 0.0, 1.0):
        found = check_gradient(lambda w, s=slope_at_zero: np.where(w == 0, s, np.sign(w)), abs_of, [-1.0, 0.0, 2.0])
        assert found, found
        assert "at w = 0 the loss has a kink: its slope is -1 on the left and 1 on the right" in str(found)
    found = check_gradient(lambda w: np.where(w == 0, 4.0, np.sign(w)), abs_of, [-1.0, 0.0, 2.0])
    assert found.cause == "kink" and "a slope there lies between these" in found.message


def abs_of(w):
    return abs(w)


def test_kinks_close_by_do_not_disturb():
    hidden = RANDOM.normal(size=(40, 3))
    point = np.array([0.3, -0.2, 0.5])
    right = check_gradient(
        lambda w: hidden.T @ (hidden @ w > 0) / 40, lambda w: np.maximum(hidden @ w, 0).sum() / 40, [point, 2 * point]
    )
    wrong = check_gradient(
        lambda w: 1.01 * hidden.T @ (hidden @ w > 0) / 40,
        lambda w: np.maximum(hidden @ w, 0).sum() / 40,
        [point, 2 * point],
    )
    assert right and not wrong


def test_a_loss_in_numpy_is_differentiated_by_its_values_and_says_so():
    found = check_gradient(lambda w: np.cos(w), lambda w: np.sin(w.item()), [0.0, 1.0])
    assert not found and found.cause is not None or found
    only = check_gradient(lambda w: np.exp(w), lambda w: float(np.exp(float(w))), [0.0, 1.0])
    assert only and "finite differences alone, since autograd cannot be asked" in only.evidence[0]


def test_points_outside_the_domain_are_not_drawn():
    found = check_gradient(lambda w: 1 / w, lambda w: np.log(w).sum(), np.array([1.0, 2.0, 0.03]))
    assert found and "outside the domain" in str(found)


def test_what_is_hidden_from_autograd():
    def loss(w):
        return ((w.detach() if isinstance(w, cr.Tensor) else w) * w).sum()

    assert check_gradient(lambda w: 2 * w, loss, np.ones(3))
    found = check_gradient(lambda w: 1 * w, loss, np.ones(3))
    assert found.cause == "hidden" and "hidden from autograd" in found.message


def test_a_criterion_of_the_librarys_as_loss():
    found = check(lambda x, y, y_pred: np.dot(2 * x, y_pred - y), cr.nn.MSELoss())
    assert found.ratio == pytest.approx(4)


def test_a_large_parameter_is_checked_in_samples():
    big = RANDOM.normal(size=(60, 50))
    assert check_gradient(lambda w: 2 * w, lambda w: (w**2).sum(), big)
    assert check_gradient(lambda w: 3 * w, lambda w: (w**2).sum(), big).ratio == pytest.approx(1.5)


def test_a_prediction_of_another_shape_is_pointed_out():
    found = check(
        lambda x, y, y_pred: np.mean(2 * x * (y_pred - y)),
        data={"x": X[:, None], "y": Y},
        prediction=lambda x, w: w * x,
        at=0.0,
    )
    assert "the prediction has (4, 1), y has (4,), so their difference has (4, 4)" in str(found)


def test_a_loss_that_does_not_depend_on_the_parameter():
    assert check_gradient(lambda w: 0.0, lambda w: 5.0, [0.5, 1.0])
    assert check_gradient(lambda w: 1.0, lambda w: 5.0, [0.5, 1.0]).cause == "flat"


def test_a_loss_that_jumps():
    found = check_gradient(lambda w: 0.0, lambda w: float(np.round(float(w))), [0.5, 1.0, 2.2])
    assert found and "at w = 0.5 the loss jumps" in str(found)
    with pytest.raises(ValueError, match="the loss has a kink at every point"):
        check_gradient(lambda w: 0.0, lambda w: abs(w), [0.0, 0.0])


def test_a_literal_divisor_is_seen_through():
    """Given twice, a sum divided by the number 4 looks like a sum; the factor 4 is still N."""
    found = check_gradient(lambda w: 2 * (X * (w * X - Y)).sum(), lambda w: ((w * X - Y) ** 2).sum() / 4, 0.0)
    assert "4 is N, the number of samples: does the loss take a mean, and your gradient a sum?" in found.message


def test_sizes_are_read_off_globals():
    found = check_gradient(lambda w: 2 * (X * (w * X - Y)).sum(), lambda w: ((w * X - Y) ** 2).mean(), 0.0)
    assert found.message.endswith("the loss takes a mean over N = 4; your gradient takes a sum")
