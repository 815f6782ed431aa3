"""Linear regression, multilayer perceptrons, logistic regression, large arrays."""

from typing import Any

import numpy as np

from .. import Pure, integer_array, minibatches, uniform_array
from ..loading import ROWS, SIZE
from ..perceptrons import layers
from .training import adam, classified, gradients, linear, sgd, trained


def slope(jax: Any) -> Pure:
    x, y = np.array([1, 2, 3, 4], np.float32), np.array([2, 4, 6, 8], np.float32)
    return trained(jax, lambda p, x, y: ((p["bias"] * x - y) ** 2).mean(), {"bias": ()}, sgd(jax, 0.01), x, y)


def line(jax: Any) -> Pure:
    x, y = np.array([[1], [2], [3], [4]], np.float32), np.array([[2], [4], [6], [8]], np.float32)
    shapes = {"0.weight": (1, 1), "0.bias": (1,)}
    pure = trained(jax, lambda p, x, y: ((linear(p, "0", x) - y) ** 2).mean(), shapes, sgd(jax, 0.01), x, y)
    _, rest = pure.state
    start = {"0.weight": jax.numpy.full((1, 1), -0.5), "0.bias": jax.numpy.full(1, 0.25)}
    return pure._replace(state=(start, rest))


def perceptron(jax: Any, p: Any, x: Any) -> Any:
    """h ← max(0, h·Wᵀ + b), layer by layer"""
    count = len(p) // 2
    for i in range(count):
        x = linear(p, str(2 * i), x)
        if i < count - 1:
            x = jax.nn.relu(x)
    return x


def small(jax: Any) -> Pure:
    x, y = uniform_array(32, 16, seed=1), uniform_array(32, 1, seed=2)
    loss = lambda p, x, y: ((perceptron(jax, p, x) - y) ** 2).mean()  # noqa: E731
    return trained(jax, loss, layers(16, 64, 64, 1), adam(jax, 1e-3), x, y)


def digits(jax: Any) -> Pure:
    x, y = uniform_array(100, 784, seed=1), integer_array(10, 100, seed=2)
    loss = lambda p, x, y: classified(jax, perceptron(jax, p, x), y)  # noqa: E731
    return trained(jax, loss, layers(784, 500, 10), adam(jax, 1e-3), x, y)


def wide(jax: Any) -> Pure:
    x, y = uniform_array(256, 1024, seed=1), uniform_array(256, 1024, seed=2)
    loss = lambda p, x, y: ((perceptron(jax, p, x) - y) ** 2).mean()  # noqa: E731
    return trained(jax, loss, layers(1024, 4096, 1024), sgd(jax, 0.1), x, y)


def logistic(jax: Any) -> Pure:
    x = uniform_array(100_000, 50, seed=1)
    y = (x[:, :1] + uniform_array(100_000, 1, seed=2) > 0).astype(np.float32)

    def loss(p, x, y):
        scores = perceptron(jax, p, x)
        return (jax.numpy.maximum(scores, 0) - scores * y + jax.numpy.log1p(jax.numpy.exp(-abs(scores)))).mean()

    return trained(jax, loss, layers(50, 1), sgd(jax, 0.5), x, y)


def epoch(jax: Any) -> Pure:
    x, y = uniform_array(ROWS, 16, seed=1), uniform_array(ROWS, 1, seed=2)
    loss = lambda p, x, y: ((perceptron(jax, p, x) - y) ** 2).mean()  # noqa: E731
    pure = trained(jax, loss, layers(16, 32, 1), sgd(jax, 0.01))
    return pure._replace(data=[x, y], batches=minibatches(ROWS, SIZE, seed=3))


def elementwise(jax: Any) -> Pure:
    np = jax.numpy
    loss = lambda x: (np.sin(x) * np.exp(-(x**2)) + np.tanh(x)).mean()  # noqa: E731
    return gradients(jax, loss, uniform_array(10_000_000, seed=1))


def cross_entropy(jax: Any) -> Pure:
    logits, y = 4 * uniform_array(2048, 5000, seed=1), integer_array(5000, 2048, seed=2)
    return gradients(jax, lambda logits, y: classified(jax, logits, y), logits, y)
