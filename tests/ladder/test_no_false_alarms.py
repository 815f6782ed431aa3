"""Over many small networks: a right gradient is never called wrong, and a wrong one never right."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.ladder import check_gradient

ACTIVATIONS = {
    "tanh": (np.tanh, lambda h: 1 - np.tanh(h) ** 2),
    "relu": (lambda h: np.maximum(h, 0), lambda h: (h > 0) * 1.0),
    "sigmoid": (lambda h: 1 / (1 + np.exp(-h)), lambda h: np.exp(-h) / (1 + np.exp(-h)) ** 2),
}

problems = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 10_000),
        "samples": st.integers(1, 12),
        "widths": st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3)),
        "activation": st.sampled_from(sorted(ACTIVATIONS)),
        "dtype": st.sampled_from(["float32", "float64"]),
        "decay": st.sampled_from([0.0, 0.1]),
    }
)


def network(seed, samples, widths, activation, dtype, decay):
    """The loss and gradient of a network with one hidden layer, its start, and its data."""
    random = np.random.default_rng(seed)
    f, df = ACTIVATIONS[activation]
    x = random.normal(size=(samples, widths[0])).astype(dtype)
    y = random.normal(size=(samples, widths[2])).astype(dtype)

    def prediction(x, W1, b1, W2):
        return f(x @ W1 + b1) @ W2

    def loss(y, y_pred, W2):
        return ((y_pred - y) ** 2).mean() + decay * (W2**2).sum()

    def gradient(x, y, y_pred, W1, b1, W2):
        hidden = x @ W1 + b1
        upstream = 2 * (y_pred - y) / y.size
        into = upstream @ W2.T * df(hidden)
        return x.T @ into, into.sum(axis=0), f(hidden).T @ upstream + 2 * decay * W2

    start = {
        "W1": random.normal(size=widths[:2]),
        "b1": random.normal(size=widths[1]),
        "W2": random.normal(size=widths[1:]),
    }
    return gradient, loss, start, {"data": {"x": x, "y": y}, "prediction": prediction}


@settings(max_examples=25)
@given(problems)
def test_right_gradients_are_right(problem):
    gradient, loss, start, kwargs = network(**problem)
    found = check_gradient(gradient, loss, start, **kwargs)
    assert found, found


BUGS = {
    "scaled": lambda g: (g[0] * 1.001, *g[1:]),
    "turned": lambda g: (g[0], -g[1], g[2]),
    "shifted": lambda g: (g[0], g[1], g[2] + 0.01),
    "one entry": lambda g: (g[0], g[1], g[2] + 0.01 * (np.arange(g[2].size) == 0).reshape(g[2].shape)),
}


@settings(max_examples=10)
@given(problems)
@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS.keys())
def test_wrong_gradients_are_wrong(bug, problem):
    gradient, loss, start, kwargs = network(**problem)
    right = [gradient(**kwargs["data"], y_pred=kwargs["prediction"](kwargs["data"]["x"], **start), **start)]
    if min(np.abs(part).max() for part in right[0]) < 1e-2:
        return  # all units dead or the like: nothing to see
    wrong = check_gradient(
        lambda x, y, y_pred, W1, b1, W2: bug(gradient(x, y, y_pred, W1, b1, W2)), loss, start, **kwargs
    )
    assert not wrong and wrong.wrong, wrong
