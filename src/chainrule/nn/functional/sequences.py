"""Losses over sequences whose labels are not aligned with their frames."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...base.dtypes import of, title
from ...base.errors import DtypeError, ShapeError, message
from ...graph.value import Value, wrap
from ...ops.ctc import CtcLoss
from ...tensors.coerce import tensor_like
from .legacy import REDUCTIONS, bad_reduction, reduced


def ctc_loss(
    log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any, blank: int = 0, reduction: str = "mean",
    zero_infinity: bool = False,
) -> Any:  # fmt: skip
    """−ln of the probability that the frames of a sequence, with blanks left out and repeats merged, spell its target

    Shapes: log_probs (T, N, C) or (T, C), from `log_softmax`; targets (N, S), or all joined, (Σ target_lengths,);
    lengths (N,) or (), tensors or tuples. The mean first divides each loss by its target length. ``zero_infinity``
    replaces the losses of targets that do not fit into their frames, ∞, by 0.

    >>> frames = torch.log(torch.tensor([[[0.5, 0.5]], [[0.5, 0.5]]]))
    >>> F.ctc_loss(frames, torch.tensor([[1]]), [2], [1])  # 3 of 4 spellings: -1, 1-, 11
    tensor(0.2877)
    """
    x = tensor_like(log_probs, "log_probs", "ctc_loss").array
    if reduction not in REDUCTIONS:
        raise bad_reduction(reduction)
    if x.ndim not in (2, 3):
        raise ShapeError(message(f"log_probs must be 2D (T, C) or 3D (T, N, C), got {x.ndim}D"))
    alone = x.ndim == 2
    if alone:
        log_probs = log_probs.unsqueeze(1)
        x = log_probs.array
    frames, labels = lengths(input_lengths, "input_lengths"), lengths(target_lengths, "target_lengths")
    t = check(x, tensor_like(targets, "targets", "ctc_loss").array, frames, labels, blank)
    loss = CtcLoss(blank, zero_infinity)(log_probs, t, frames, labels)
    if alone and reduction == "none":
        return loss.reshape(())
    if reduction == "mean":
        loss = loss / wrap(np.maximum(labels, 1).astype(x.dtype))
    return reduced(loss, reduction)


def lengths(given: Any, name: str) -> np.ndarray:
    """Lengths from a tensor, a sequence or a number."""
    found = given.array if isinstance(given, Value) else np.asarray(given)
    if found.dtype.kind not in "iu":
        raise DtypeError(message(f"{name} must be integral", f"they count; got {found.dtype}", f"{name}.long()"))
    return found.reshape(-1).astype(np.int64)


def check(x: np.ndarray, t: np.ndarray, frames: np.ndarray, labels: np.ndarray, blank: int) -> np.ndarray:
    """The targets as (N, S), once lengths and shapes have been found to go together."""
    steps, samples, classes = x.shape
    if x.dtype.kind not in "fV":
        raise DtypeError(f'"ctc_loss_cpu" not implemented for \'{title(of(x))}\'')
    if not 0 <= blank < classes:
        raise RuntimeError(message("blank must be in label range", f"blank={blank}, there are {classes} classes"))
    for name, given in (("input_lengths", frames), ("target_lengths", labels)):
        if given.size != samples:
            raise ShapeError(
                message(f"{name} must be of size batch_size", f"there are {samples} sequences and {given.size} lengths")
            )
    if frames.size and frames.max() > steps:
        raise RuntimeError(
            message(
                f"Expected input_lengths to have value at most {steps}, but got value {frames.max()} (while checking "
                "arguments for ctc_loss_allocate_outputs)",
                f"log_probs has {steps} frames",
            )
        )
    if t.ndim == 1 and not (samples == 1 and t.size >= labels.sum()) or t.ndim == 0:
        return cut(t, labels)
    t = t.reshape(samples, -1) if t.ndim == 1 else t
    most = int(labels.max(initial=0))
    if t.shape[0] != samples or t.shape[1] < most:
        raise ShapeError(
            message(
                f"Expected tensor to have size at least {most} at dimension 1, but got size {t.shape[1]} for argument #2 "
                "'targets' (while checking arguments for ctc_loss_allocate_outputs)",
                f"the targets have shape {list(t.shape)}; there are {samples} of them, up to {most} labels long",
            )
        )
    return np.where(np.arange(most) < labels[:, None], t[:, :most], blank).astype(np.int64)


def cut(t: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Joined targets as the rows of a matrix, filled up with zeros."""
    total = int(labels.sum())
    if t.size != total:
        raise ShapeError(
            message(
                f"Expected tensor to have size {total} at dimension 0, but got size {t.size} for argument #2 'targets' (while "
                "checking arguments for ctc_loss_allocate_outputs)",
                "joined targets are as long as all target_lengths together",
            )
        )
    rows = np.zeros((labels.size, int(labels.max(initial=0))), np.int64)
    rows[np.arange(rows.shape[1]) < labels[:, None]] = t.reshape(-1)
    return rows
