"""NumPy and gradients on paper, as the documents' first rung has them. What the array calls alone cost."""

from collections.abc import Callable
from typing import Any

from . import Step, initial, integer_array, uniform_array
from .perceptrons import layers


def slope(np: Any) -> tuple[Step, list[Any]]:
    """y = w·x; ∂loss/∂w = mean(2x(ŷ − y))"""
    x = np.array([1, 2, 3, 4], dtype=np.float32)
    y = np.array([2, 4, 6, 8], dtype=np.float32)
    w = np.zeros(1, dtype=np.float32)

    def step():
        nonlocal w
        error = w * x - y
        loss = (error**2).mean()
        w -= 0.01 * (2 * x * error).mean()
        return loss

    return step, [w]


def line(np: Any) -> tuple[Step, list[Any]]:
    """y = w·x + b; ∂loss/∂w = mean(2x(ŷ − y)), ∂loss/∂b = mean(2(ŷ − y))"""
    x = np.array([[1], [2], [3], [4]], dtype=np.float32)
    y = np.array([[2], [4], [6], [8]], dtype=np.float32)
    w, b = np.full((1, 1), -0.5, dtype=np.float32), np.full(1, 0.25, dtype=np.float32)

    def step():
        nonlocal w, b
        error = x @ w.T + b - y
        loss = (error**2).mean()
        g = error * (2 / error.size)
        w -= 0.01 * (g.T @ x)
        b -= 0.01 * g.sum(axis=0)
        return loss

    return step, [w, b]


Loss = Callable[[Any, Any, Any], tuple[Any, Any]]  # np, scores, targets → loss, its gradient


def squared(np: Any, scores: Any, y: Any) -> tuple[Any, Any]:
    error = scores - y
    return (error**2).mean(), error * (2 / error.size)


def cross_entropy(np: Any, scores: Any, y: Any) -> tuple[Any, Any]:
    """∂loss/∂scores = (softmax − one-hot) / rows"""
    rows = np.arange(len(y))
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[rows, y]).mean()
    p[rows, y] -= 1
    return loss, p / np.float32(len(y))


def cross_entropy_of_two(np: Any, scores: Any, y: Any) -> tuple[Any, Any]:
    """∂loss/∂scores = (sigmoid − y) / rows"""
    loss = (np.maximum(scores, 0) - scores * y + np.log1p(np.exp(-np.abs(scores)))).mean()
    return loss, (1 / (1 + np.exp(-scores)) - y) / np.float32(len(y))


class SGD:
    """θ ← θ − lr·g"""

    def __init__(self, np: Any, parameters: list[Any], lr: float) -> None:
        self.parameters, self.lr = parameters, lr

    def step(self, gradients: list[Any]) -> None:
        for p, g in zip(self.parameters, gradients, strict=True):
            p -= self.lr * g


class Adam:
    """m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², θ ← θ − lr·m̂ / (√v̂ + ε)"""

    def __init__(self, np: Any, parameters: list[Any], lr: float) -> None:
        self.np, self.parameters, self.lr, self.t = np, parameters, lr, 0
        self.moments = [(np.zeros_like(p), np.zeros_like(p)) for p in parameters]

    def step(self, gradients: list[Any]) -> None:
        self.t += 1
        rate, root = self.lr / (1 - 0.9**self.t), (1 - 0.999**self.t) ** 0.5
        for p, g, (m, v) in zip(self.parameters, gradients, self.moments, strict=True):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            p -= rate * m / (self.np.sqrt(v) / root + 1e-8)


def perceptron(np: Any, sizes: tuple[int, ...], loss: Loss, Optimizer: Any, lr: float, x: Any, y: Any) -> Any:
    """h ← max(0, h·Wᵀ + b), layer by layer; backward, each gradient from the one after it."""
    parameters = list(initial(layers(*sizes)).values())
    weights, biases = parameters[::2], parameters[1::2]
    optimizer = Optimizer(np, parameters, lr)

    def step():
        seen = [x]
        for i, (w, b) in enumerate(zip(weights, biases, strict=True)):
            h = seen[-1] @ w.T + b
            seen.append(np.maximum(h, 0) if i < len(weights) - 1 else h)
        value, g = loss(np, seen[-1], y)
        gradients = []
        for i in reversed(range(len(weights))):
            gradients += [g.sum(axis=0), g.T @ seen[i]]
            if i:
                g = (g @ weights[i]) * (seen[i] > 0)
        optimizer.step(gradients[::-1])
        return value

    return step, parameters


def small(np: Any) -> Any:
    x, y = uniform_array(32, 16, seed=1), uniform_array(32, 1, seed=2)
    return perceptron(np, (16, 64, 64, 1), squared, Adam, 1e-3, x, y)


def digits(np: Any) -> Any:
    x, y = uniform_array(100, 784, seed=1), integer_array(10, 100, seed=2)
    return perceptron(np, (784, 500, 10), cross_entropy, Adam, 1e-3, x, y)


def wide(np: Any) -> Any:
    x, y = uniform_array(256, 1024, seed=1), uniform_array(256, 1024, seed=2)
    return perceptron(np, (1024, 4096, 1024), squared, SGD, 0.1, x, y)


def logistic(np: Any) -> Any:
    x = uniform_array(100_000, 50, seed=1)
    y = (x[:, :1] + uniform_array(100_000, 1, seed=2) > 0).astype(np.float32)
    return perceptron(np, (50, 1), cross_entropy_of_two, SGD, 0.5, x, y)
