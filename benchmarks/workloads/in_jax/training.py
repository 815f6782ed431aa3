"""From a loss to a training step: gradients, and PyTorch's update rules."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .. import Pure, initial

Tree = Any


class Update(NamedTuple):
    """An optimizer: its state at first, and (parameters, gradients, state) → (parameters, state)."""

    start: Callable[[Tree], Tree]
    apply: Callable[[Tree, Tree, Tree], tuple[Tree, Tree]]


def sgd(jax: Any, lr: float, momentum: float = 0.0) -> Update:
    """b ← μ·b + g, θ ← θ − lr·b"""
    each = jax.tree.map
    if not momentum:
        return Update(lambda p: (), lambda p, g, state: (each(lambda p, g: p - lr * g, p, g), ()))

    def apply(p, g, b):
        b = each(lambda b, g: momentum * b + g, b, g)
        return each(lambda p, b: p - lr * b, p, b), b

    return Update(lambda p: each(jax.numpy.zeros_like, p), apply)


def adam(jax: Any, lr: float, decay: float = 0.0) -> Update:
    """m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², θ ← (1 − lr·λ)·θ − lr·m̂ / (√v̂ + ε)"""
    each, np = jax.tree.map, jax.numpy

    def start(p):
        return each(np.zeros_like, p), each(np.zeros_like, p), np.float32(0)

    def apply(p, g, state):
        m, v, t = state
        t = t + 1
        rate, root = lr / (1 - np.float32(0.9) ** t), np.sqrt(1 - np.float32(0.999) ** t)
        m = each(lambda m, g: m + 0.1 * (g - m), m, g)
        v = each(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        p = each(lambda p, m, v: p * (1 - lr * decay) - rate * m / (np.sqrt(v) / root + 1e-8), p, m, v)
        return p, (m, v, t)

    return Update(start, apply)


def trained(jax: Any, loss: Callable[..., Any], shapes: Mapping[str, Any], update: Update, *data: Any) -> Pure:
    """The usual step, from parameters of these shapes."""
    parameters = jax.tree.map(jax.numpy.asarray, initial(shapes))

    def step(state, *data):
        p, rest = state
        value, gradients = jax.value_and_grad(loss)(p, *data)
        return update.apply(p, gradients, rest), value

    return Pure(step, (parameters, update.start(parameters)), [jax.numpy.asarray(array) for array in data])


def gradients(jax: Any, loss: Callable[..., Any], parameters: Tree, *data: Any) -> Pure:
    """Forward and backward without an update. A dictionary of parameters keeps its order as a list."""
    if isinstance(parameters, Mapping):
        names, parameters = list(parameters), list(parameters.values())
        by_name = loss
        loss = lambda values, *data: by_name(dict(zip(names, values, strict=True)), *data)  # noqa: E731

    def step(p, *data):
        value, found = jax.value_and_grad(loss)(p, *data)
        return found, value

    arrays = [jax.numpy.asarray(array) for array in data]
    return Pure(step, jax.tree.map(jax.numpy.asarray, parameters), arrays, carried=False)


def linear(p: Mapping[str, Any], name: str, x: Any) -> Any:
    return x @ p[f"{name}.weight"].T + p[f"{name}.bias"]


def classified(jax: Any, scores: Any, y: Any) -> Any:
    """The mean of −log softmax(scores)[y]"""
    chosen = jax.numpy.take_along_axis(scores, y[:, None], axis=1)[:, 0]
    return (jax.nn.logsumexp(scores, axis=1) - chosen).mean()
