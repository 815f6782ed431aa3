"""The four parts as the founding documents write them by hand, and as they read for more columns.

Only operators are used, so that each function means the same on arrays and on tensors. Shapes: x (N,) or (N, D), y and
y_pred (N,), w () or (D,), b ().
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .table import Table

__all__ = ["ByHand", "by_hand", "summed_gradient"]


def prediction(x: Any, w: Any) -> Any:
    """ŷ = w·x"""
    return w * x


def loss(y: Any, y_pred: Any) -> Any:
    """L = 1/N Σ (ŷ − y)²"""
    return ((y_pred - y) ** 2).mean()


def gradient(x: Any, y: Any, y_pred: Any) -> Any:
    """∂L/∂w = 1/N Σ 2x (ŷ − y)"""
    return (2 * x * (y_pred - y)).mean()


def update(w: Any, gradient: Any, lr: float) -> Any:
    """w ← w − lr ∂L/∂w"""
    return w - lr * gradient


def summed_gradient(x: Any, y: Any, y_pred: Any) -> Any:
    """As two of the documents have it: np.dot already sums over the samples, and the mean of that one sum is itself."""
    return np.dot(2 * x, y_pred - y).mean()


def line(x: Any, w: Any, b: Any) -> Any:
    """ŷ = w·x + b"""
    return w * x + b


def line_gradient(x: Any, y: Any, y_pred: Any) -> tuple[Any, Any]:
    """∂L/∂w = 1/N Σ 2x (ŷ − y),  ∂L/∂b = 1/N Σ 2 (ŷ − y)"""
    return (2 * x * (y_pred - y)).mean(), (2 * (y_pred - y)).mean()


def plane(x: Any, w: Any, b: Any) -> Any:
    """ŷ = x w + b"""
    return x @ w + b


def plane_gradient(x: Any, y: Any, y_pred: Any) -> tuple[Any, Any]:
    """∂L/∂w = 2/N xᵀ (ŷ − y),  ∂L/∂b = 1/N Σ 2 (ŷ − y)"""
    return 2 * (x.T @ (y_pred - y)) / len(y), (2 * (y_pred - y)).mean()


def plane_through_zero(x: Any, w: Any) -> Any:
    """ŷ = x w"""
    return x @ w


def plane_through_zero_gradient(x: Any, y: Any, y_pred: Any) -> Any:
    """∂L/∂w = 2/N xᵀ (ŷ − y)"""
    return 2 * (x.T @ (y_pred - y)) / len(y)


@dataclass(frozen=True)
class ByHand:
    """The four parts for one form of table."""

    prediction: Callable[..., Any]
    gradients: Callable[..., Any]
    loss: Callable[..., Any] = loss
    updates: Callable[..., Any] = update


_FORMS = {  # (one column, bias)
    (True, False): ByHand(prediction, gradient),
    (True, True): ByHand(line, line_gradient),
    (False, True): ByHand(plane, plane_gradient),
    (False, False): ByHand(plane_through_zero, plane_through_zero_gradient),
}


def by_hand(table: Table) -> ByHand:
    """The hand-written parts that fit a table."""
    return _FORMS[table.x.ndim == 1, table.bias]
