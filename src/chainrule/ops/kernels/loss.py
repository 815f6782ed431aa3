"""Cross-entropy of logits: log-softmax and negative log-likelihood in one pass, and the gradient in the same pass.

With p = softmax(x) and target class t,

    ℓ = −w[t] log p[t]                          ∂ℓ/∂x[c] = w[t] (p[c] − 1{c = t})

and with label smoothing ε over C classes, W = Σ w:

    ℓ = −(1 − ε) w[t] log p[t] − ε/C Σ_c w[c] log p[c]
    ∂ℓ/∂x[c] = ((1 − ε) w[t] + ε W / C) p[c] − (1 − ε) w[t] 1{c = t} − ε w[c] / C

The exponentials are the dear part, and both the loss and its gradient need them; so while a block is in the cache the
gradient is finished and written, for an upstream gradient of 1. The backward pass hands it out, and multiplies it only
if the upstream gradient is something else. It is handed out once; a second backward pass computes it again.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...base.errors import ShapeError, message
from ...native.aligned import empty
from . import softmax_rows as machine
from .blocks import Lines, each_block, lines_of, total, total_of_product
from .precision import halves
from .softmax import below_largest, log_softmax

Reduction = str  # "mean", "sum" or "none"


class Terms(NamedTuple):
    """Everything but logits and target that a cross-entropy depends on."""

    weight: np.ndarray | None
    ignore_index: int
    reduction: Reduction
    smoothing: float


class Kept:
    """What the backward pass needs: the gradient itself, until it is handed out, and what it was computed from."""

    __slots__ = ("ready", "target", "terms", "x")

    def __init__(self, x: np.ndarray, target: np.ndarray, terms: Terms, ready: np.ndarray | None) -> None:
        self.x, self.target, self.terms, self.ready = x, target, terms, ready


@halves
def cross_entropy(
    x: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray | None = None,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
    label_smoothing: float = 0.0,
    gradient: bool = True,
) -> tuple[np.ndarray, Kept]:
    """ℓ = −w[t] log softmax(x)[t], its mean weighted by w[t], its sum, or each by itself

    Shapes: logits x (N, C, …) or (C,); target (N, …) of class numbers, or like x, of class probabilities.
    ``gradient=False`` is for when no backward pass will follow.

    >>> x = np.log(np.array([[1.0, 3.0]]))
    >>> loss, kept = cross_entropy(x, np.array([1]))
    >>> loss.round(4).tolist(), cross_entropy_backward(np.array(1.0), kept)[0].tolist()
    (0.2877, [[0.25, -0.25]])
    """
    terms = Terms(weight, ignore_index, reduction, float(label_smoothing))
    probable = target.dtype.kind == "f"
    check(x, target, terms, probable)
    x = np.ascontiguousarray(x)
    dx = empty(x.shape, x.dtype) if gradient else None
    with np.errstate(all="ignore"):
        loss = (by_probabilities if probable else by_class)(x, target, terms, dx)
    return loss, Kept(x, target, terms, dx)


@halves
def cross_entropy_backward(
    g: np.ndarray, kept: Kept, needs: tuple[bool, ...] = (True, False)
) -> tuple[np.ndarray | None, ...]:
    """∂L/∂x, and ∂L/∂target of class probabilities"""
    dx = dt = None
    if needs[0]:
        dx, kept.ready = kept.ready, None
        if dx is None:
            dx = empty(kept.x.shape, kept.x.dtype)
            with np.errstate(all="ignore"):
                by = by_probabilities if kept.target.dtype.kind == "f" else by_class
                by(kept.x, kept.target, kept.terms, dx)
        if g.ndim:
            dx *= np.expand_dims(g, class_axis(dx)) if dx.ndim > 1 else g
        elif g != 1:
            dx *= g
    if len(needs) > 1 and needs[1]:
        dt = target_gradient(g, kept)
    return dx, dt


def by_class(x: np.ndarray, target: np.ndarray, terms: Terms, dx: np.ndarray | None) -> np.ndarray:
    """The loss for class numbers; its gradient into ``dx``."""
    if dx is not None and x.ndim == 2 and machine.suits(x, 1) and all_count(target, x.shape[1], terms):
        amount = x.dtype.type(target.size if terms.reduction == "mean" else 1)
        weighs = np.ones(target.shape, x.dtype)
        return reduced(machine.loss_of_classes(x, target, weighs, weighs / amount, dx), amount, terms.reduction)
    lines = lines_of(x.shape, class_axis(x))
    ignored = target == terms.ignore_index
    t = np.where(ignored, 0, target)
    check_range(t, lines.n)
    counts = np.where(ignored, 0, x.dtype.type(1))
    weighs = counts if terms.weight is None else terms.weight[t] * counts
    amount = weighs.sum() if terms.reduction == "mean" else x.dtype.type(1)
    weighs = weighs * x.dtype.type(1 - terms.smoothing)
    share, all_shares = smoothing_shares(terms, lines.n, x.dtype)
    some_ignored = bool(ignored.any())
    if dx is not None and share is None and x.ndim == 2 and machine.suits(x, 1):
        return reduced(machine.loss_of_classes(x, t, weighs, weighs / amount, dx), amount, terms.reduction)
    loss = empty(target.shape, x.dtype)

    def task(block: tuple[slice, slice]) -> None:
        z = shifted(x, dx, lines, block)
        at = spots(lines.each(t, block), lines)
        own, counted = lines.each(weighs, block), lines.each(counts, block)
        z_target = z[at]
        z_mixed = 0 if share is None else (z @ share if lines.rows else share @ z)
        e = np.exp(z, out=z)
        s = total(e, lines.axis)
        log_s = np.log(s).reshape(-1)
        each = own * (log_s - z_target) + counted * (all_shares * log_s - z_mixed)
        lines.put_each(loss, block, np.where(counted == 0, 0, each) if some_ignored else each)
        if dx is None:
            return
        np.multiply(e, ((own + all_shares * counted) / amount).reshape(s.shape) / s, out=e)
        if share is not None:
            e -= (share if lines.rows else share[:, None]) * (counted / amount).reshape(s.shape)
        e[at] -= own / amount
        if some_ignored:
            e[(counted == 0) if lines.rows else (slice(None), counted == 0)] = 0
        if not lines.rows:
            np.copyto(lines.view(dx, block), e.reshape(lines.view(dx, block).shape))

    each_block(task, lines, x.itemsize, 5)
    return reduced(loss, amount, terms.reduction)


def all_count(target: np.ndarray, classes: int, terms: Terms) -> bool:
    """Whether each target is a class, and all weigh the same."""
    if terms.weight is not None or terms.smoothing or not target.size or target.dtype.kind != "i":
        return False
    least, most = np.minimum.reduce(target, None), np.maximum.reduce(target, None)
    return bool(0 <= least and most < classes and not least <= terms.ignore_index <= most)


def by_probabilities(x: np.ndarray, target: np.ndarray, terms: Terms, dx: np.ndarray | None) -> np.ndarray:
    """The loss for class probabilities q: ℓ = −Σ_c v[c] log p[c] with v[c] = w[c] ((1 − ε) q[c] + ε/C)."""
    lines = lines_of(x.shape, class_axis(x))
    target = np.ascontiguousarray(target)
    count = lines.outer * lines.inner
    amount = x.dtype.type(count if terms.reduction == "mean" else 1)
    loss = empty((*x.shape[: class_axis(x)], *x.shape[class_axis(x) + 1 :]), x.dtype)

    def task(block: tuple[slice, slice]) -> None:
        z = shifted(x, dx, lines, block)
        v = mixed_targets(lines.view(target, block).reshape(z.shape), terms, lines).astype(x.dtype, copy=False)
        v_sum, v_z = total(v, lines.axis), total_of_product(v, z, lines.axis)
        e = np.exp(z, out=z)
        s = total(e, lines.axis)
        lines.put_each(loss, block, v_sum * np.log(s) - v_z)
        if dx is None:
            return
        np.multiply(e, v_sum / s, out=e)
        e -= v
        if amount != 1:
            e /= amount
        if not lines.rows:
            np.copyto(lines.view(dx, block), e.reshape(lines.view(dx, block).shape))

    each_block(task, lines, x.itemsize, 8)
    return reduced(loss, amount, terms.reduction)


def target_gradient(g: np.ndarray, kept: Kept) -> np.ndarray:
    """∂L/∂q[c] = −(1 − ε) w[c] log p[c] · g"""
    log_p, _ = log_softmax(kept.x, class_axis(kept.x))
    scale = -(1 - kept.terms.smoothing)
    if kept.terms.reduction == "mean":
        scale /= max(log_p.size // log_p.shape[class_axis(log_p)], 1)
    log_p *= log_p.dtype.type(scale)
    if kept.terms.weight is not None:
        log_p *= kept.terms.weight.reshape(-1, *[1] * (log_p.ndim - class_axis(log_p) - 1))
    return log_p * (np.expand_dims(g, class_axis(log_p)) if g.ndim else g)


def shifted(x: np.ndarray, dx: np.ndarray | None, lines: Lines, block: tuple[slice, slice]) -> np.ndarray:
    """z = x − max x of a block: (m, n), in the memory of ``dx`` if there is one; or in columns, (n, m), in its own."""
    z = below_largest(lines.view(x, block), lines.axis, lines.view(dx, block) if dx is not None and lines.rows else None)
    return z if lines.rows else z.reshape(lines.n, -1)


def spots(t: np.ndarray, lines: Lines) -> tuple[np.ndarray, np.ndarray]:
    """The index of each line's target in a block."""
    here = np.arange(len(t))
    return (here, t) if lines.rows else (t, here)


def smoothing_shares(terms: Terms, classes: int, dtype: np.dtype) -> tuple[np.ndarray | None, Any]:
    """ε w[c] / C for each class, and their sum."""
    if not terms.smoothing:
        return None, dtype.type(0)
    share = np.full(classes, terms.smoothing / classes)
    if terms.weight is not None:
        share *= terms.weight
    share = share.astype(dtype)
    return share, share.sum()


def mixed_targets(q: np.ndarray, terms: Terms, lines: Lines) -> np.ndarray:
    """v[c] = w[c] ((1 − ε) q[c] + ε/C)"""
    if terms.smoothing:
        q = q * q.dtype.type(1 - terms.smoothing) + q.dtype.type(terms.smoothing / lines.n)
    if terms.weight is not None:
        q = q * (terms.weight if lines.rows else terms.weight[:, None])
    return q


def reduced(loss: np.ndarray, amount: Any, reduction: Reduction) -> np.ndarray:
    """The mean or the sum of the losses, or the losses."""
    if reduction == "none":
        return loss
    whole = np.add.reduce(loss, None)
    return np.asarray(whole / amount if reduction == "mean" else whole, loss.dtype)


def class_axis(x: np.ndarray) -> int:
    return min(x.ndim - 1, 1)


# What is checked, in PyTorch's words.


def check(x: np.ndarray, target: np.ndarray, terms: Terms, probable: bool) -> None:
    if terms.reduction not in ("mean", "sum", "none"):
        raise ValueError(
            message(f"{terms.reduction} is not a valid value for reduction", "it is 'mean', 'sum' or 'none'")
        )
    if not 0 <= terms.smoothing <= 1:
        why = "it is the share of the target that is spread over all classes"
        raise ShapeError(
            message(f"label_smoothing must be between 0.0 and 1.0. Got: {terms.smoothing}", why, "label_smoothing=0.1")
        )
    classes = x.shape[class_axis(x)]
    if terms.weight is not None and terms.weight.shape != (classes,):
        raise ShapeError(
            message(
                f"weight tensor should be defined either for all {classes} classes or no classes but got weight tensor "
                f"of shape: {list(terms.weight.shape)}",
                "it gives one weight to each class",
            )
        )
    if probable:
        check_probabilities(x, target, terms)
    else:
        check_classes(x, target)


def check_classes(x: np.ndarray, target: np.ndarray) -> None:
    lines = x.shape[:1] + x.shape[2:] if x.ndim > 1 else ()
    if target.shape == lines:
        return
    if x.ndim <= 2 and target.ndim > 1:
        hint = "target.argmax(1), if it is one-hot" if target.shape == x.shape else "target.squeeze(1)"
        raise ShapeError(
            message(
                "0D or 1D target tensor expected, multi-target not supported",
                f"logits of size {list(x.shape)} want one class number per row, the target has size {list(target.shape)}",
                f"{hint}; or class probabilities, as floating point numbers",
            )
        )
    if target.shape[:1] != lines[:1]:
        raise ValueError(
            message(
                f"Expected input batch_size ({x.shape[0]}) to match target batch_size "
                f"({target.shape[0] if target.ndim else 1}).",
                "each row of logits is one sample, and has one target",
            )
        )
    raise ShapeError(
        message(
            f"Expected target size {list(lines)}, got {list(target.shape)}",
            f"logits of size {list(x.shape)} have their classes along axis 1; the target has all other axes",
        )
    )


def check_probabilities(x: np.ndarray, target: np.ndarray, terms: Terms) -> None:
    if target.shape != x.shape:
        what = f"expected target dtype to be Long or Byte, but got {target.dtype}"
        if target.ndim == x.ndim:
            what = f"Expected floating point type for target with class probabilities of size {list(x.shape)}, got "
            what += f"{list(target.shape)}"
        raise ShapeError(message(what, "floating point targets are probabilities, one per class", "target.long()"))
    if terms.ignore_index >= 0:
        why = "probabilities do not name one class that could be ignored"
        raise ShapeError(message("ignore_index is not supported for floating point target", why))


def check_range(t: np.ndarray, classes: int) -> None:
    if t.size and (t.min() < 0 or t.max() >= classes):
        bad = int(t[(t < 0) | (t >= classes)].flat[0])
        raise IndexError(
            message(
                f"Target {bad} is out of bounds.",
                f"there are {classes} classes, numbered from 0 to {classes - 1}",
                "target - 1" if bad == classes else "ignore_index=-1" if bad == -1 else "",
            )
        )
