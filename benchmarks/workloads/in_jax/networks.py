"""Convolutional networks, a variational autoencoder, and recurrent networks."""

from typing import Any

from .. import Pure, initial, integer_array, uniform_array
from .training import adam, classified, gradients, linear, sgd, trained


def convolved(jax: Any, p: Any, name: str, x: Any) -> Any:
    """3×3, padded by 1; images are N, C, H, W."""
    y = jax.lax.conv_general_dilated(
        x, p[f"{name}.weight"], (1, 1), "SAME", dimension_numbers=("NCHW", "OIHW", "NCHW")
    )
    return y + p[f"{name}.bias"][:, None, None]


def pooled(x: Any) -> Any:
    """The largest of each 2×2; as a reshape, which XLA makes a third faster than its windows."""
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).max((3, 5))


def cnn(jax: Any) -> Pure:
    x, y = uniform_array(64, 1, 28, 28, seed=1), integer_array(10, 64, seed=2)
    shapes = {
        "0.weight": (32, 1, 3, 3), "0.bias": (32,), "3.weight": (64, 32, 3, 3), "3.bias": (64,),
        "7.weight": (10, 64 * 7 * 7), "7.bias": (10,),
    }  # fmt: skip

    def loss(p, x, y):
        for name in ("0", "3"):
            x = pooled(jax.nn.relu(convolved(jax, p, name, x)))
        return classified(jax, linear(p, "7", x.reshape(len(x), -1)), y)

    return trained(jax, loss, shapes, sgd(jax, 0.01), x, y)


def normalized(jax: Any, p: Any, name: str, x: Any, running: Any) -> tuple[Any, Any]:
    """γ·(x − mean)/√(variance + ε) + β over the batch, and the running statistics."""
    np, axes = jax.numpy, (0, 2, 3)
    mean = x.mean(axes)
    variance = ((x - mean[:, None, None]) ** 2).mean(axes)
    count = x.size // x.shape[1]
    now = (mean, variance * (count / (count - 1)))
    running = tuple(0.9 * before + 0.1 * new for before, new in zip(running, now, strict=True))
    scale = p[f"{name}.weight"] / np.sqrt(variance + 1e-5)
    return (x - mean[:, None, None]) * scale[:, None, None] + p[f"{name}.bias"][:, None, None], running


def normalized_cnn(jax: Any) -> Pure:
    np, update = jax.numpy, sgd(jax, 0.01, momentum=0.9)
    x, y = uniform_array(32, 3, 32, 32, seed=1), integer_array(10, 32, seed=2)
    shapes = {
        "0.weight": (16, 3, 3, 3), "0.bias": (16,), "1.weight": (16,), "1.bias": (16,),
        "4.weight": (32, 16, 3, 3), "4.bias": (32,), "5.weight": (32,), "5.bias": (32,),
        "9.weight": (10, 32 * 8 * 8), "9.bias": (10,),
    }  # fmt: skip

    def loss(p, running, x, y):
        seen = {}
        for conv, norm in (("0", "1"), ("4", "5")):
            x, seen[norm] = normalized(jax, p, norm, convolved(jax, p, conv, x), running[norm])
            x = pooled(jax.nn.relu(x))
        return classified(jax, linear(p, "9", x.reshape(len(x), -1)), y), seen

    def step(state, x, y):
        p, rest, running = state
        (value, running), found = jax.value_and_grad(loss, has_aux=True)(p, running, x, y)
        return (*update.apply(p, found, rest), running), value

    p = jax.tree.map(np.asarray, initial(shapes))
    running = {name: (np.zeros(n), np.ones(n)) for name, n in (("1", 16), ("5", 32))}
    return Pure(step, (p, update.start(p), running), [np.asarray(x), np.asarray(y)])


def autoencoder(jax: Any) -> Pure:
    np = jax.numpy
    x, noise = (uniform_array(128, 784, seed=1) + 1) / 2, uniform_array(128, 20, seed=2)
    sizes = {"seen": (400, 784), "mean": (20, 400), "log_variance": (20, 400), "unfold": (400, 20), "out": (784, 400)}
    shapes = {}
    for name, (outputs, inputs) in sizes.items():
        shapes |= {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}

    def loss(p, x, noise):
        h = jax.nn.relu(linear(p, "seen", x))
        mean, log_variance = linear(p, "mean", h), linear(p, "log_variance", h)
        z = mean + noise * np.exp(0.5 * log_variance)
        logits = linear(p, "out", jax.nn.relu(linear(p, "unfold", z)))
        likelihood = (np.maximum(logits, 0) - logits * x + np.log1p(np.exp(-abs(logits)))).sum()
        divergence = -0.5 * (1 + log_variance - mean**2 - np.exp(log_variance)).sum()
        return (likelihood + divergence) / len(x)

    return trained(jax, loss, shapes, adam(jax, 1e-3), x, noise)


def recurrent_shapes(gates: int, inputs: int, hidden: int, prefix: str = "") -> dict[str, tuple[int, ...]]:
    width = gates * hidden
    return {
        f"{prefix}weight_ih_l0": (width, inputs), f"{prefix}weight_hh_l0": (width, hidden),
        f"{prefix}bias_ih_l0": (width,), f"{prefix}bias_hh_l0": (width,),
    }  # fmt: skip


def lstm(jax: Any) -> Pure:
    """The products with the input for all steps at once, then a scan."""
    np, hidden = jax.numpy, 128
    x, y = uniform_array(32, 50, 64, seed=1), integer_array(10, 32, seed=2)
    shapes = recurrent_shapes(4, 64, hidden, "lstm.") | {"out.weight": (10, hidden), "out.bias": (10,)}

    def loss(p, x, y):
        seen = x.swapaxes(0, 1) @ p["lstm.weight_ih_l0"].T + p["lstm.bias_ih_l0"] + p["lstm.bias_hh_l0"]

        def cell(state, seen):
            h, c = state
            i, f, g, o = np.split(seen + h @ p["lstm.weight_hh_l0"].T, 4, axis=1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * np.tanh(g)
            h = jax.nn.sigmoid(o) * np.tanh(c)
            return (h, c), None

        zero = np.zeros((x.shape[0], hidden))
        (h, _), _ = jax.lax.scan(cell, (zero, zero), seen)
        return classified(jax, linear(p, "out", h), y)

    return trained(jax, loss, shapes, adam(jax, 1e-3), x, y)


def gru(jax: Any) -> Pure:
    np, hidden = jax.numpy, 16
    x = uniform_array(100, 6, 16, seed=1)

    def loss(p, x):
        seen = x @ p["weight_ih_l0"].T + p["bias_ih_l0"]

        def cell(h, seen):
            r, z, n = np.split(seen, 3, axis=1)
            hr, hz, hn = np.split(h @ p["weight_hh_l0"].T + p["bias_hh_l0"], 3, axis=1)
            r, z = jax.nn.sigmoid(r + hr), jax.nn.sigmoid(z + hz)
            h = (1 - z) * np.tanh(n + r * hn) + z * h
            return h, h

        _, states = jax.lax.scan(cell, np.zeros((x.shape[1], hidden)), seen)
        return (states**2).mean()

    return gradients(jax, loss, initial(recurrent_shapes(3, 16, hidden)), x)
