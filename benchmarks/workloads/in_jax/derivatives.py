"""Derivatives of derivatives."""

from typing import Any

from .. import Pure, uniform_array
from ..derivatives import SIZES
from ..perceptrons import layers
from .training import linear, sgd, trained


def penalty(jax: Any) -> Pure:
    x, y = uniform_array(32, 16, seed=1), uniform_array(32, 1, seed=2)

    def predicted(x, p):
        for name in ("0", "2"):
            x = jax.numpy.tanh(linear(p, name, x))
        y = linear(p, "4", x)
        return y.sum(), y

    def loss(p, x, y):
        slope, found = jax.grad(predicted, has_aux=True)(x, p)
        return ((found - y) ** 2).mean() + (slope**2).mean()

    return trained(jax, loss, layers(16, 64, 64, 1), sgd(jax, 0.1), x, y)


def hessian(jax: Any) -> Pure:
    np = jax.numpy
    inputs, hidden, _ = SIZES
    count = inputs * hidden + 2 * hidden + 1
    x, y = uniform_array(16, inputs, seed=1), uniform_array(16, 1, seed=2)

    def loss(flat, x, y):
        w1, b1, w2, b2 = np.split(flat, [inputs * hidden, inputs * hidden + hidden, count - 1])
        h = np.tanh(x @ w1.reshape(inputs, hidden) + b1)
        return ((h @ w2.reshape(hidden, 1) + b2 - y) ** 2).mean()

    def step(flat, weights, x, y):
        return (), (jax.hessian(loss)(flat, x, y) * weights).sum()

    data = [np.asarray(a) for a in (uniform_array(count, count, seed=4), x, y)]
    return Pure(step, np.asarray(uniform_array(count, seed=3)), data, carried=False)
