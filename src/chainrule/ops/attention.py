"""Scaled dot-product attention as one op, whose memory does not grow with the square of the sequence."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from ..graph.destinations import destination
from ..graph.op import Joint
from ..graph.value import Node, Value
from .kernels import attention as kernel
from .logic import where
from .stable import Softmax


class ScaledDotProductAttention(Joint):
    """y = softmax(scale · q kᵀ + mask) v, the softmax over the keys

    Shapes: q (…, L, E), k (…, S, E), v (…, S, F), y (…, L, F); mask (…, L, S) of numbers to add, or of truth values that say
    where a query may look. ``causal``: query i sees keys 0 … i. A query that may look nowhere gets 0.
    """

    fields = ("causal", "scale")

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        return "ScaledDotProductFlashAttentionForCpuBackward0"

    def forward(self, q: Any, k: Any, v: Any, mask: Any = None) -> tuple[Any, Any]:
        return kernel.attention(q, k, v, mask, self.causal, self.scale)

    def pullback(self, g: Any, kept: Any, needs: tuple[bool, ...]) -> tuple[Any, ...]:
        return (*kernel.attention_backward(g, kept, needs[:3]), None)

    def pull(self, node: Node, g: Any) -> Any:
        """What machine code computes is written to where it will be needed."""
        kept = node.saved[0]
        if type(g) is not np.ndarray or not kept.tiles or g.dtype != kept.y.dtype:
            return super().pull(node, g)
        edges = node.edges[:3]
        spaces = tuple([None if e is None else destination(e, g.dtype) for e in edges])
        return (*kernel.attention_backward(g, kept, tuple([e is not None for e in edges]), spaces), None)

    def formula(self, q: Any, k: Any, v: Any, mask: Any = None) -> Any:
        scores = (q @ k.mT) * (1 / sqrt(q.shape[-1]) if self.scale is None else self.scale)
        if self.causal:
            scores = scores + hidden(np.tril(np.ones(scores.shape[-2:], bool)), scores)
        if mask is not None:
            m = getattr(mask, "array", mask)
            scores = scores + (hidden(m, scores) if m.dtype.kind == "b" else mask)
        blind = (scores.array if isinstance(scores, Value) else scores).max(-1, keepdims=True, initial=-np.inf) == -np.inf
        if not blind.any():
            return Softmax.along(len(scores.shape) - 1)(scores) @ v
        share = Softmax.along(len(scores.shape) - 1)(where(blind, 0, scores))  # a query that may look nowhere sees zeros
        return where(blind, 0, share) @ v


class ScaledDotProductAttentionMath(ScaledDotProductAttention):
    """The same under the name that PyTorch shows where it has no fused kernel: for other than four axes"""

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        return "UnsafeViewBackward0"


def hidden(visible: np.ndarray, scores: Any) -> np.ndarray:
    """0 where a query may look, −∞ elsewhere."""
    return np.where(visible, 0, -np.inf).astype(scores.array.dtype)
