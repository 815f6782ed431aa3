"""Attention: P = softmax(scale · q kᵀ + mask), y = P v, and on the way back with H = P ∘ (g vᵀ)

    dS = H − P ∘ Σ H,  dq = scale · dS k,  dk = scale · dSᵀ q,  dv = Pᵀ g
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from ...ops.logic import where
from ..entrywise import decay
from ..registry import joint
from ..symbolic import Sym
from .constants import array, refuse

HIDDEN = -float("inf")


@joint("ScaledDotProductAttention", "ScaledDotProductAttentionMath")
class AttentionReading:
    """A query that may look nowhere gets 0."""

    @staticmethod
    def forward(op: Any, q: Sym, k: Sym, v: Sym, mask: Any = None) -> Any:
        if not q.shape[:-2] == k.shape[:-2] == v.shape[:-2]:
            refuse("leading axes that are stretched")
        scale = 1 / sqrt(q.shape[-1]) if op.scale is None else op.scale
        scores = (q @ k.mT) * scale
        if op.causal:
            scores = where(array(q, np.tril(np.ones(scores.shape[-2:], bool))), scores, HIDDEN)
        if mask is not None:
            scores = where(mask, scores, HIDDEN) if mask.dtype.char == "?" else scores + mask
        top = scores.max(-1, keepdims=True)
        if mask is not None:
            top = where(top == HIDDEN, 0.0, top)
        e = q.mapped(decay, scores - top)
        s = e.sum(-1, keepdims=True)
        p = e / (s if mask is None else where(s == 0, 1.0, s))
        return p @ v, (q, k, v, p, scale)

    @staticmethod
    def pull(op: Any, g: Sym, kept: Any, needs: Any) -> list[Any]:
        q, k, v, p, scale = kept
        h = p * (g @ v.mT)
        d = (h - p * h.sum(-1, keepdims=True)) * scale
        ways = (lambda: d @ k, lambda: d.mT @ q, lambda: p.mT @ g)
        found = [way() if need else None for need, way in zip(needs, ways)]
        return [*found, *[None] * (len(needs) - 3)]
