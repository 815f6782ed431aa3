"""Losses: of classes, of probabilities, of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...ops.choice import maximum
from ...ops.logic import where
from ...ops.losses import positives, times
from ...ops.scalar import exp, log
from ..entrywise import decay, nth
from ..program import layout
from ..registry import joint, op, pull
from ..symbolic import Sym, broadcast, converted
from .constants import array, limited, refuse
from .functions import log1p
from .picking import from_places

MANY = 64  # classes from which it pays to look up the target's score


def reduced(loss: Sym, reduction: str) -> Sym:
    """The mean, the sum, or all of the losses."""
    if reduction == "none":
        return loss
    return loss.mean() if reduction == "mean" else loss.sum()


def surprise(x: Any) -> Any:
    """ln(1 + e⁻ˣ) = max(−x, 0) + ln(1 + e^−|x|)"""
    return maximum(-x, 0.0) + log1p(None, exp(-abs(x)))


@op("BinaryCrossEntropy")
def binary_cross_entropy(op: Any, p: Sym, t: Sym, w: Any = None) -> Any:
    """−w (t ln p + (1 − t) ln(1 − p)), logarithms at least −100"""
    loss = (t - 1) * maximum(log1p(None, -p), -100.0) - t * maximum(log(p), -100.0)
    return reduced(times(loss, w), op.reduction)


@op("BinaryCrossEntropyWithLogits")
def with_logits(op: Any, x: Sym, t: Sym, w: Any = None, v: Any = None) -> Any:
    """w ((1 − t) x + c ln(1 + e⁻ˣ)) with c = 1 + (v − 1) t"""
    loss = (1 - t) * x + times(surprise(x), positives(t, v))
    return reduced(times(loss, w), op.reduction)


@op("SoftMarginLoss")
def soft_margin(op: Any, x: Sym, t: Sym) -> Any:
    """ln(1 + e^(−t x))"""
    return reduced(surprise(t * x), op.reduction)


@op("KlDiv")
def kl_div(op: Any, x: Sym, t: Sym) -> Any:
    """t (ln t − x), where 0 · ln 0 = 0; with ``log_target`` eᵗ (t − x)"""
    if op.log_target:
        return reduced(exp(t) * (t - x), op.reduction)
    entropy = where(t > 0, t * log(where(t > 0, t, 1.0)), where(t == 0, 0.0, float("nan")))
    return reduced(entropy - t * x, op.reduction)


# ---------------------------------------------------------------------- of classes


def classes(op: Any, x_shape: tuple[int, ...], target: Sym, weight: Any) -> tuple[Sym, Any]:
    """For each score whether its class is the target, and for each sample what its loss counts: w[t], or 0 where ignored."""
    at = 0 if len(x_shape) == 1 else 1
    if target.dtype.char != "l" or getattr(op, "even", False):
        refuse("targets that are no classes")
    limited(target, 0, x_shape[at], op.ignore)
    wide = (*x_shape[:at], 1, *x_shape[at + 1 :])
    t = target.reshape(wide)
    lined = (-1, *[1] * (len(x_shape) - at - 1))
    hit = among(t, x_shape, at)
    counts = t != op.ignore
    if weight is None:
        return hit, counts
    return hit, where(counts, where(hit, weight.reshape(lined), 0.0).sum(at, keepdims=True), 0.0)


def among(t: Sym, shape: tuple[int, ...], at: int) -> Any:
    """For each class whether it is t."""
    places = array(t, np.arange(shape[at])).reshape(-1, *[1] * (len(shape) - at - 1))
    wide = broadcast(t, shape)
    return t.mapped(nth, places, wide) if wide.node.kind == "view" else places == wide


def at_target(x: Sym, hit: Any, t: Sym, at: int) -> Sym:
    """x[n, t], or −∞ for a class that there is none of; looked up if x is there already, else found while it is made"""
    valid = (t >= 0) & (t < x.shape[at])
    if x.shape[-1] >= MANY and at == x.ndim - 1 == 1 and layout(x.node).base.kind in ("input", "dot"):
        row, entry = layout(x.node).strides
        places = where(valid, t, 0) * entry + array(t, row * np.arange(len(x)).reshape(-1, 1))
        picked = from_places(x, places)
    else:
        picked = where(hit, x, 0.0).sum(at, keepdims=True)
    return where(valid, picked, float("-inf"))


@op("NllLoss", "NllLoss2d")
def nll_loss(op: Any, x: Sym, target: Sym, weight: Any = None) -> Any:
    """−w[t] · x[n, t], the mean divided by Σ w[t]; infinite for a class that there is none of"""
    at = 0 if x.ndim == 1 else 1
    hit, share = classes(op, x.shape, target, weight)
    picked = at_target(x, hit, target.reshape(share.shape), at)
    loss = where(share, -picked, 0.0) if weight is None else where(share == 0, 0.0, -picked * share)
    if op.reduction == "none":
        return loss.reshape(target.shape)
    y = loss.sum()
    return y / (converted(share, x.dtype).sum()) if op.reduction == "mean" else y


@pull("NllLoss", "NllLoss2d")
def pull_nll_loss(op: Any, node: Any, g: Sym) -> Any:
    """−g w[t] at the target, 0 elsewhere; of the mean divided by Σ w[t]"""
    target, weight = node.saved[1], node.saved[2]
    shape = node.shapes[0]
    at = 0 if len(shape) == 1 else 1
    hit, share = classes(op, shape, target, weight)
    share = converted(share, g.dtype)
    if op.reduction == "none":
        g = g.reshape((*shape[:at], 1, *shape[at + 1 :]))
    elif op.reduction == "mean":
        n = share.sum()
        g = g / where(n == 0, 1.0, n)
    return [where(hit, -(g * share), 0.0), None, None][: len(node.edges)]


@joint("CrossEntropy", "BriefCrossEntropy", "CrossEntropy2d")
class CrossEntropyReading:
    """−w[t] ln softmax(x)[t] = w[t] (ln Σ eᶻ − z[t]) with z = x − max x; infinite for a class that there is none of.

    With smoothing ε: (1 − ε) of it, and ε/C times Σ_c w[c] (ln Σ eᶻ − z[c]).
    """

    @staticmethod
    def forward(op: Any, x: Sym, target: Sym, weight: Any = None) -> tuple[Sym, Any]:
        if op.probable or op.smoothing and weight is not None:
            refuse("probabilities, or weights and smoothing")
        at = 0 if x.ndim == 1 else 1
        hit, share = classes(op, x.shape, target, weight)
        top = x.max(at, keepdims=True)
        z = x - top
        e = z.mapped(decay, z)
        s = e.sum(at, keepdims=True)
        loss = log(s) - (at_target(x, hit, target.reshape(s.shape), at) - top)
        if op.smoothing:
            even = log(s) - z.mean(at, keepdims=True)
            loss = loss * (1 - op.smoothing) + even * op.smoothing
        loss = where(share, loss, 0.0) if weight is None else where(share == 0, 0.0, loss * share)
        share = converted(share, x.dtype)
        n = share.sum()
        kept = (e, s, hit, share, n, at)
        if op.reduction == "none":
            return loss.reshape(target.shape), kept
        return loss.sum() / n if op.reduction == "mean" else loss.sum(), kept

    @staticmethod
    def pull(op: Any, g: Sym, kept: Any, needs: Any) -> list[Any]:
        e, s, hit, share, n, at = kept
        if op.reduction == "none":
            g = g.reshape(s.shape)
        elif op.reduction == "mean":
            g = g / where(n == 0, 1.0, n)  # none counts: the loss is no number, but nothing goes back
        each = g * share
        d = e * (each / s) - where(hit, each * (1 - op.smoothing) if op.smoothing else each, 0.0)
        if op.smoothing:
            d = d - each * (op.smoothing / e.shape[at])
        return [d, *[None] * (len(needs) - 1)]
