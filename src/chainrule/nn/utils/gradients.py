"""Keeping gradients small: by the norm of all of them together, or entry by entry."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from types import GeneratorType
from typing import Any

import numpy as np

from ...base.errors import message
from ...graph.value import wrap
from ...tensors.tensor import Tensor

Parameters = Tensor | Iterable[Tensor]


def gradients(parameters: Parameters) -> list[Any]:
    """The gradients that there are."""
    if isinstance(parameters, Tensor):
        parameters = [parameters]
    return [p._grad for p in parameters if p._grad is not None]


def length(x: np.ndarray, p: float) -> Any:
    """The p-norm of all entries."""
    flat = x.reshape(-1)
    if p == 2:
        return np.sqrt(np.dot(flat, flat)) if flat.dtype.char in "fd" else np.linalg.norm(flat.astype(np.float32))
    return np.linalg.norm(flat, p) if flat.size else flat.dtype.type(0)


def total_norm(tensors: list[Any], norm_type: float, error_if_nonfinite: bool) -> Any:
    """The p-norm of the p-norms, as an array without axes."""
    if not tensors:
        return np.zeros((), np.float32)
    p = float(norm_type)
    lengths = np.array([length(t.array, p) for t in tensors])
    found = np.asarray(length(lengths, p), lengths.dtype)
    if error_if_nonfinite and not np.isfinite(found):
        raise RuntimeError(
            message(
                f"The total norm of order {p} for gradients from `parameters` is non-finite, so it cannot be clipped. To disable "
                "this error and scale the gradients by the non-finite norm anyway, set `error_if_nonfinite=False`",
                f"the norm is {found}",
                "a smaller learning rate, or torch.autograd.set_detect_anomaly(True) to find where it arises",
            )
        )
    return found


def get_total_norm(
    tensors: Parameters, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None
) -> Tensor:
    """The p-norm of all entries of all tensors together."""
    tensors = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    return wrap(total_norm(tensors, norm_type, error_if_nonfinite))


def clip_grad_norm_(
    parameters: Parameters, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:  # fmt: skip
    """Scale all gradients by max_norm / |all gradients|, where that is less than 1; return the norm that they had.

    >>> w = torch.ones(2, requires_grad=True)
    >>> (w * 3).sum().backward()
    >>> nn.utils.clip_grad_norm_([w], max_norm=1.0), w.grad
    (tensor(4.2426), tensor([0.7071, 0.7071]))
    """
    if not isinstance(parameters, Tensor):
        generator = isinstance(parameters, GeneratorType)
        parameters = list(parameters)
        if generator and not parameters:
            warnings.warn(
                "`parameters` is an empty generator, no gradient clipping will occur.", UserWarning, stacklevel=2
            )
    found = gradients(parameters)
    norm = total_norm(found, norm_type, error_if_nonfinite)
    scale(found, max_norm, norm)
    return wrap(norm)


def scale(found: list[Any], max_norm: float, norm: np.ndarray) -> None:
    """Multiply gradients, in place, by max_norm / norm where that is less than 1."""
    factor = np.asarray(float(max_norm), norm.dtype) / (norm + np.asarray(1e-6, norm.dtype))
    if factor < 1 or factor != factor:
        for g in found:
            np.multiply(g.array, factor, g.array, casting="same_kind")
            g.version[0] += 1


def clip_grads_with_norm_(
    parameters: Parameters, max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Scale all gradients by max_norm / total_norm, where that is less than 1."""
    scale(gradients(parameters), max_norm, total_norm.array)


def clip_grad_norm(
    parameters: Parameters, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:  # fmt: skip
    """The former name of `clip_grad_norm_`."""
    warnings.warn(
        "`torch.nn.utils.clip_grad_norm` is now deprecated in favor of `torch.nn.utils.clip_grad_norm_`.",
        FutureWarning,
        stacklevel=2,
    )
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)


def clip_grad_value_(parameters: Parameters, clip_value: float, foreach: bool | None = None) -> None:
    """Bring every entry of every gradient into ±clip_value."""
    bound(gradients(parameters), float(clip_value))


def bound(found: list[Any], limit: float) -> None:
    """Bring entries, in place, into ±limit."""
    for g in found:
        np.clip(g.array, -limit, limit, out=g.array)
        g.version[0] += 1
