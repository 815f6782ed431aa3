"""A text classifier, a transformer encoder, and the small GPT."""

import math
from collections.abc import Mapping
from typing import Any

from .. import Pure, integer_array
from .. import gpt as small_gpt
from .. import texts as t
from .training import adam, classified, linear, trained

Shapes = dict[str, tuple[int, ...]]


def dense(name: str, outputs: int, inputs: int) -> Shapes:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def scale(name: str, width: int) -> Shapes:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def classifier(jax: Any) -> Pure:
    x = integer_array(t.WORDS, t.SENTENCES, t.WORDS_EACH, seed=1)
    y = integer_array(t.CLASSES, t.SENTENCES, seed=2)
    shapes = {"words.weight": (t.WORDS, t.WIDTH)} | dense("out", t.CLASSES, t.WIDTH)
    loss = lambda p, x, y: classified(jax, linear(p, "out", p["words.weight"][x].mean(axis=1)), y)  # noqa: E731
    return trained(jax, loss, shapes, adam(jax, 1e-3), x, y)


def normalized(jax: Any, p: Mapping[str, Any], name: str, x: Any) -> Any:
    """γ·(x − mean)/√(variance + ε) + β over the last axis"""
    x = x - x.mean(axis=-1, keepdims=True)
    x = x / jax.numpy.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-5)
    return x * p[f"{name}.weight"] + p[f"{name}.bias"]


def attended(jax: Any, qkv: Any, heads: int, mask: Any = None) -> Any:
    """softmax(q·kᵀ/√d + mask)·v, the heads side by side"""
    batch, length, width = qkv.shape[0], qkv.shape[1], qkv.shape[2] // 3
    parts = jax.numpy.split(qkv, 3, axis=2)
    q, k, v = (part.reshape(batch, length, heads, width // heads).swapaxes(1, 2) for part in parts)
    scores = q @ k.swapaxes(2, 3) * (1 / math.sqrt(width // heads))
    if mask is not None:
        scores = jax.numpy.where(mask, scores, -jax.numpy.inf)
    return (jax.nn.softmax(scores, axis=-1) @ v).swapaxes(1, 2).reshape(batch, length, width)


def encoder(jax: Any) -> Pure:
    x, y = integer_array(t.VOCABULARY, t.BATCH, t.LENGTH, seed=1), integer_array(t.CLASSES, t.BATCH, seed=2)
    names = [f"encoder.layers.{i}" for i in range(t.LAYERS)]
    shapes: Shapes = {"words.weight": (t.VOCABULARY, t.WIDTH)}
    for at in names:
        shapes |= {f"{at}.in.weight": (3 * t.WIDTH, t.WIDTH), f"{at}.in.bias": (3 * t.WIDTH,)}
        shapes |= dense(f"{at}.project", t.WIDTH, t.WIDTH)
        shapes |= dense(f"{at}.linear1", t.INNER, t.WIDTH) | dense(f"{at}.linear2", t.WIDTH, t.INNER)
        shapes |= scale(f"{at}.norm1", t.WIDTH) | scale(f"{at}.norm2", t.WIDTH)
    shapes |= dense("out", t.CLASSES, t.WIDTH)

    def loss(p, x, y):
        x = p["words.weight"][x]
        for at in names:
            y_attended = linear(p, f"{at}.project", attended(jax, linear(p, f"{at}.in", x), t.HEADS))
            x = normalized(jax, p, f"{at}.norm1", x + y_attended)
            inner = linear(p, f"{at}.linear2", jax.nn.relu(linear(p, f"{at}.linear1", x)))
            x = normalized(jax, p, f"{at}.norm2", x + inner)
        return classified(jax, linear(p, "out", x.mean(axis=1)), y)

    return trained(jax, loss, shapes, adam(jax, 1e-3), x, y)


def gpt(jax: Any) -> Pure:
    np, g = jax.numpy, small_gpt
    text = integer_array(g.VOCABULARY, g.BATCH, g.LENGTH + 1, seed=1)
    names = [f"blocks.{i}" for i in range(g.LAYERS)]
    shapes: Shapes = {"tokens.weight": (g.VOCABULARY, g.WIDTH), "positions.weight": (g.LENGTH, g.WIDTH)}
    for at in names:
        shapes |= scale(f"{at}.norm1", g.WIDTH) | scale(f"{at}.norm2", g.WIDTH)
        shapes |= dense(f"{at}.attend", 3 * g.WIDTH, g.WIDTH) | dense(f"{at}.project", g.WIDTH, g.WIDTH)
        shapes |= dense(f"{at}.mlp.0", 4 * g.WIDTH, g.WIDTH) | dense(f"{at}.mlp.2", g.WIDTH, 4 * g.WIDTH)
    shapes |= scale("norm", g.WIDTH) | {"head.weight": (g.VOCABULARY, g.WIDTH)}

    def loss(p, x, y):
        x = p["tokens.weight"][x] + p["positions.weight"]
        mask = np.tril(np.ones((g.LENGTH, g.LENGTH), bool))
        for at in names:
            seen = linear(p, f"{at}.attend", normalized(jax, p, f"{at}.norm1", x))
            x = x + linear(p, f"{at}.project", attended(jax, seen, g.HEADS, mask))
            inner = linear(p, f"{at}.mlp.0", normalized(jax, p, f"{at}.norm2", x))
            x = x + linear(p, f"{at}.mlp.2", jax.nn.gelu(inner, approximate=False))
        scores = normalized(jax, p, "norm", x) @ p["head.weight"].T
        return classified(jax, scores.reshape(-1, g.VOCABULARY), y.reshape(-1))

    return trained(jax, loss, shapes, adam(jax, 1e-4, decay=0.01), text[:, :-1], text[:, 1:])
