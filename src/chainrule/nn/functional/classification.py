"""Losses between scores for classes and the classes themselves."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ...base import dtypes
from ...base.dtypes import title
from ...base.errors import DtypeError, ShapeError, message
from ...base.random import default_generator
from ...base.shapes import axis
from ...graph.apply import apply, joint
from ...graph.value import Value, wrap
from ...ops import cross_entropy as op
from ...tensors import shares
from ...tensors.coerce import tensor_like, type_name
from .legacy import REDUCTIONS, bad_reduction, implicit_dim, reduction_of


def log_softmax(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """y = x − ln Σ eˣ along ``dim``: the logarithm of `softmax`, computed without overflow.

    >>> F.log_softmax(torch.tensor([1., 1.]), 0)
    tensor([-0.6931, -0.6931])
    """
    return shares.log_softmax(input, given_dim("log_softmax", input, dim), dtype)


def softmax(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """y = eˣ / Σ eˣ along ``dim``: positive numbers that sum to one.

    >>> F.softmax(torch.tensor([0., 0., 0., 0.]), dim=0)
    tensor([0.2500, 0.2500, 0.2500, 0.2500])
    """
    return shares.softmax(input, given_dim("softmax", input, dim), dtype)


def softmin(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """`softmax` of −x along ``dim``: the smallest entries get the largest shares."""
    return shares.softmax(-input, given_dim("softmin", input, dim), dtype)


def given_dim(name: str, input: Any, dim: int | None) -> int:
    """The axis, or the one that was taken before there had to be one."""
    return implicit_dim(name, tensor_like(input, "input", name).array.ndim) if dim is None else dim


def nll_loss(
    input: Any, target: Any, weight: Any = None, size_average: bool | None = None, ignore_index: int = -100,
    reduce: bool | None = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """mean of −input[n, target[n]]: the negative log-likelihood, ``input`` being log-probabilities.

    Shapes: input (N, C) or (C,) or (N, C, d₁, …); target, of class indices, (N,) or () or (N, d₁, …). ``weight`` (C,)
    scales the loss of each class, and the mean divides by the weights that were used; targets equal to
    ``ignore_index`` do not count.

    >>> F.nll_loss(torch.tensor([[-0.5, -2.0]]), torch.tensor([1]))
    tensor(2.)
    """
    if size_average is not None or reduce is not None:
        reduction = reduction_of(size_average, reduce)
    if not isinstance(input, Value) or not isinstance(target, Value):
        raise not_tensors("nll_loss_nd", input, target)
    if reduction not in REDUCTIONS:
        raise bad_reduction(reduction)
    check_classes(input.array, target.array, weight, ignore_index)
    kind = op.NllLoss2d if input.array.ndim > 2 else op.NllLoss
    return apply(kind(reduction, ignore_index), input, target, weight)


def cross_entropy(
    input: Any, target: Any, weight: Any = None, size_average: bool | None = None, ignore_index: int = -100,
    reduce: bool | None = None, reduction: str = "mean", label_smoothing: float = 0.0,
) -> Any:  # fmt: skip
    """mean of −ln softmax(input)[n, target[n]]: how surprising the true classes are, in nats.

    Shapes: input, unnormalised scores, (N, C) or (C,) or (N, C, d₁, …); target (N,) or () or (N, d₁, …) of class indices,
    or of input's shape with the probability of each class. ``weight``, ``ignore_index``: see `nll_loss`.
    ``label_smoothing`` ε moves the share ε of each target evenly to all classes.

    >>> F.cross_entropy(torch.zeros(1, 4), torch.tensor([2]))
    tensor(1.3863)
    """
    if size_average is not None or reduce is not None:
        reduction = reduction_of(size_average, reduce)
    if not isinstance(input, Value) or not isinstance(target, Value):
        raise not_tensors("cross_entropy_loss", input, target)
    if weight is None and reduction == "mean" and not label_smoothing and ignore_index < 0:
        if op.is_brief(input.array, target.array):
            return joint(op.brief, input, target)
    if reduction not in REDUCTIONS:
        raise bad_reduction(reduction)
    if not 0.0 <= label_smoothing <= 1.0:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing:g}")
    x, t = input.array, target.array
    probable = x.shape == t.shape
    if probable:
        check_probabilities(x, t, weight)
    else:
        check_classes(x, t, weight, ignore_index)
    loss = op.cross_entropy(reduction, ignore_index, label_smoothing, probable, x.ndim > 2)
    return loss(input, target) if weight is None else loss(input, target, weight)


def check_probabilities(x: Any, p: Any, weight: Any) -> None:
    """Refuse targets in the input's shape that are no probabilities."""
    if p.dtype.kind not in "fV":
        raise DtypeError(
            message(
                f"Expected floating point type for target with class probabilities, got {title(dtypes.of(p))}",
                f"target has the input's shape {list(x.shape)}, so it is read as a probability for each class",
                "target.float(), or one class index for each sample: target.argmax(1)",
            )
        )
    if weight is not None:
        check_weight(weight, x, 0 if x.ndim == 1 else 1)


def not_tensors(function: str, input: Any, target: Any) -> TypeError:
    place, name, value = (1, "input", input) if not isinstance(input, Value) else (2, "target", target)
    return TypeError(
        message(
            f"{function}(): argument '{name}' (position {place}) must be Tensor, not {type_name(value)}",
            instead="torch.tensor(…), torch.from_numpy(array)",
        )
    )


def check_classes(x: Any, t: Any, weight: Any, ignore_index: int) -> None:
    """Refuse targets that are not class indices of the input's samples."""
    if t.dtype.char not in "lqB":
        raise DtypeError(
            message(
                f"expected target dtype to be Long or Byte, but got {title(dtypes.of(t))}",
                f"each target is the index of a class; {dtypes.of(t)} targets are taken only as probabilities, in the shape of "
                f"the input, {list(x.shape)}",
                f"{called(x, t)}.long()",
            )
        )
    at = 0 if x.ndim == 1 else 1
    if x.ndim < 1 or x.dtype.kind not in "fV":
        raise ShapeError("input tensor should be 1D or 2D") if x.ndim < 1 else NotImplementedError(
            message(
                f'"nll_loss_out_frame" not implemented for \'{title(dtypes.of(x))}\'',
                "scores and log-probabilities are real numbers",
                "x.float()",
            )
        )
    if t.shape != x.shape[:at] + x.shape[at + 1 :] and not (x.ndim == 1 and t.shape == (1,)):
        raise misfit(x.shape, t.shape)
    if weight is not None:
        check_weight(weight, x, at)
    classes = x.shape[at]
    if t.size and (np.minimum.reduce(t, None) < 0 or np.maximum.reduce(t, None) >= classes):
        bad = t[(t != ignore_index) & ((t < 0) | (t >= classes))]
        if bad.size:
            raise IndexError(
                message(
                    f"Target {bad.reshape(-1)[0]} is out of bounds.",
                    f"the input has {classes} scores for each sample, so classes are 0 … {classes - 1}; {offenders(called(x, t), t, bad)}",
                    renumbered(called(x, t), t, bad, classes),
                )
            )


def called(x: Any, t: Any) -> str:
    """What the program calls the target."""
    from ...base.operands import names  # only once something has gone wrong

    name = names(x.shape, t.shape)[1]
    return name if name.isidentifier() and name != "b" else "target"


def offenders(name: str, t: Any, bad: Any) -> str:
    """Which entries of a target are no classes, and where: ``target[3] = 7, target[5] = 9``."""
    places = np.argwhere(np.isin(t, bad))
    listed = [f"{name}[{', '.join(map(str, p))}] = {t[tuple(p)]}" if len(p) else f"{name} is {t}" for p in places[:4]]
    return ", ".join(listed) + (f" and {len(places) - 4} more" if len(places) > 4 else "")


def renumbered(name: str, t: Any, bad: Any, classes: int) -> str:
    """How the targets most likely become class indices."""
    low, high = int(t.min()), int(t.max())
    if low == 1 and high == classes:
        return f"{name} - 1: these are numbered from 1"
    return f"an output layer with {high + 1} features" if bad.min() >= 0 else f"ignore_index={bad.min()} for samples that do not count"


def misfit(x: tuple[int, ...], t: tuple[int, ...]) -> Exception:
    """The error for a target whose shape does not go with the input's."""
    why = f"input of shape {list(x)} takes targets of shape {list(x[:1] + x[2:]) if len(x) > 1 else []}"
    if len(x) <= 2:
        if len(t) > 1:
            instead = "target.squeeze(1)" if t[1:] == (1,) else "target.argmax(1), or target.float() for probabilities"
            return ShapeError(message("0D or 1D target tensor expected, multi-target not supported", why, instead))
        return ValueError(
            message(
                f"Expected input batch_size ({x[0] if len(x) > 1 else 1}) to match target batch_size ({t[0] if t else 1}).", why
            )
        )
    if len(t) and x[0] != t[0]:
        return ValueError(message(f"Expected input batch_size ({x[0]}) to match target batch_size ({t[0]}).", why))
    if len(x) == 4 and len(t) != 3:
        return ShapeError(
            message(
                f"only batches of spatial targets supported (3D tensors) but got targets of dimension: {len(t)}", why
            )
        )
    if len(x) == 4:
        return ShapeError(message(f"size mismatch (got input: {list(x)} , target: {list(t)}", why))
    return ShapeError(message(f"Expected target size {list(x[:1] + x[2:])}, got {list(t)}", why))


def check_weight(weight: Any, x: Any, at: int) -> None:
    """Refuse class weights that are not one number for each class in the input's dtype."""
    w = weight.array
    if w.shape != (x.shape[at],):
        raise ShapeError(
            message(
                f"weight tensor should be defined either for all {x.shape[at]} classes or no classes but got weight tensor of "
                f"shape: {list(w.shape)}"
            )
        )
    if w.dtype != x.dtype:
        raise DtypeError(
            f"expected scalar type {title(dtypes.of(x))} but found {title(dtypes.of(w))}\n  instead: weight.to(input.dtype)"
        )


def gumbel_softmax(logits: Any, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Any:
    """softmax((logits + Gumbel noise) / tau) along ``dim``: a soft sample from softmax(logits) (Jang et al., 2017)

    With ``hard``, the largest entry becomes 1 and the others 0, while gradients are those of the soft sample.

    >>> F.gumbel_softmax(torch.zeros(2, 3), hard=True).sum()
    tensor(2.)
    """
    x = tensor_like(logits, "logits", "gumbel_softmax").array
    if eps != 1e-10:
        warnings.warn("`eps` parameter is deprecated and has no effect.", stacklevel=2)
    noise = -np.log(default_generator.exponential(x.shape, x.dtype))
    soft = softmax((logits + wrap(noise)) / tau, dim)
    if not hard:
        return soft
    y = soft.array
    d = axis(dim, y.ndim)
    one = np.zeros_like(y)
    np.put_along_axis(one, np.expand_dims(y.argmax(d), d), 1, d)
    return wrap(one) - soft.detach() + soft
