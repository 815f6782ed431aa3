"""The same training steps in tinygrad's own style; the whole step, update included, is given to its TinyJit."""

from collections.abc import Callable
from typing import Any

import numpy as np

from . import Step, initial, integer_array, uniform_array
from .perceptrons import layers

Work = tuple[Step, list[Any]]  # and the tensors whose gradients are left


def trained(loss: Callable[..., Any], parameters: dict[str, Any], optimizer: Any) -> Work:
    def step():
        optimizer.zero_grad()
        value = loss(parameters).backward()
        return value.realize(*optimizer.schedule_step())

    return step, []


def tensors(shapes: dict[str, tuple[int, ...]]) -> dict[str, Any]:
    from tinygrad import Tensor

    return {name: Tensor(value) for name, value in initial(shapes).items()}


def optimized(name: str, parameters: dict[str, Any], lr: float) -> Any:
    from tinygrad.nn import optim

    return getattr(optim, name)(list(parameters.values()), lr=lr)


def linear(p: dict[str, Any], name: str, x: Any) -> Any:
    return x @ p[f"{name}.weight"].T + p[f"{name}.bias"]


def perceptron(p: dict[str, Any], x: Any) -> Any:
    count = len(p) // 2
    for i in range(count):
        x = linear(p, str(2 * i), x)
        if i < count - 1:
            x = x.relu()
    return x


def line() -> Work:
    from tinygrad import Tensor

    x = Tensor(np.array([[1], [2], [3], [4]], np.float32))
    y = Tensor(np.array([[2], [4], [6], [8]], np.float32))
    p = {"0.weight": Tensor(np.full((1, 1), -0.5, np.float32)), "0.bias": Tensor(np.full(1, 0.25, np.float32))}
    return trained(lambda p: ((linear(p, "0", x) - y) ** 2).mean(), p, optimized("SGD", p, 0.01))


def small() -> Work:
    from tinygrad import Tensor

    x, y = Tensor(uniform_array(32, 16, seed=1)), Tensor(uniform_array(32, 1, seed=2))
    p = tensors(layers(16, 64, 64, 1))
    return trained(lambda p: ((perceptron(p, x) - y) ** 2).mean(), p, optimized("Adam", p, 1e-3))


def digits() -> Work:
    from tinygrad import Tensor

    x, y = Tensor(uniform_array(100, 784, seed=1)), Tensor(integer_array(10, 100, seed=2))
    p = tensors(layers(784, 500, 10))
    return trained(lambda p: perceptron(p, x).sparse_categorical_crossentropy(y), p, optimized("Adam", p, 1e-3))


def wide() -> Work:
    from tinygrad import Tensor

    x, y = Tensor(uniform_array(256, 1024, seed=1)), Tensor(uniform_array(256, 1024, seed=2))
    p = tensors(layers(1024, 4096, 1024))
    return trained(lambda p: ((perceptron(p, x) - y) ** 2).mean(), p, optimized("SGD", p, 0.1))


def logistic() -> Work:
    from tinygrad import Tensor

    numbers = uniform_array(100_000, 50, seed=1)
    y = Tensor((numbers[:, :1] + uniform_array(100_000, 1, seed=2) > 0).astype(np.float32))
    x, p = Tensor(numbers), tensors(layers(50, 1))
    return trained(lambda p: perceptron(p, x).binary_crossentropy_logits(y), p, optimized("SGD", p, 0.5))


def cnn() -> Work:
    from tinygrad import Tensor

    x, y = Tensor(uniform_array(64, 1, 28, 28, seed=1)), Tensor(integer_array(10, 64, seed=2))
    p = tensors({
        "0.weight": (32, 1, 3, 3), "0.bias": (32,), "3.weight": (64, 32, 3, 3), "3.bias": (64,),
        "7.weight": (10, 64 * 7 * 7), "7.bias": (10,),
    })  # fmt: skip

    def loss(p):
        h = x
        for name in ("0", "3"):
            h = h.conv2d(p[f"{name}.weight"], p[f"{name}.bias"], padding=1).relu().max_pool2d((2, 2))
        return linear(p, "7", h.flatten(1)).sparse_categorical_crossentropy(y)

    return trained(loss, p, optimized("SGD", p, 0.01))


def elementwise() -> Work:
    from tinygrad import Tensor

    x = Tensor(uniform_array(10_000_000, seed=1)).realize()

    def step():
        x.grad = None
        loss = (x.sin() * (-(x**2)).exp() + x.tanh()).mean().backward()
        return loss.realize(x.grad)

    return step, [x]


def cross_entropy() -> Work:
    from tinygrad import Tensor

    x = Tensor(4 * uniform_array(2048, 5000, seed=1)).realize()
    y = Tensor(integer_array(5000, 2048, seed=2)).realize()

    def step():
        x.grad = None
        loss = x.sparse_categorical_crossentropy(y).backward()
        return loss.realize(x.grad)

    return step, [x]
