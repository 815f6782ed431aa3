"""Numbers and arrays in a few characters: a number as it is, few entries in full, many as a summary."""

from __future__ import annotations

from typing import Any

import numpy as np

FEW = 6  # entries that are written out


def number(x: Any, digits: int = 6) -> str:
    """A number with a true minus sign, and no more digits than it has.

    >>> number(-2.0), number(0.1 + 0.2), number(1e-12), number(True)
    ('−2', '0.3', '1e−12', 'True')
    """
    if isinstance(x, (bool, np.bool_)):
        return str(bool(x))
    if isinstance(x, (complex, np.complexfloating)):
        return f"{x:.{digits}g}".replace("-", "−")
    if isinstance(x, (int, np.integer)):
        return str(int(x)).replace("-", "−")
    value = float(x) + 0.0  # −0 is 0
    shown = f"{value:.{digits}g}"
    return shown.replace("-", "−").replace("inf", "∞")


def show(array: Any, digits: int = 4) -> str:
    """An array on one line.

    >>> show(np.array([1.0, -2.5])), show(np.float32(3))
    ('[1, −2.5]', '3')
    >>> show(np.arange(12.0).reshape(3, 4))
    '3×4, mean 5.5, from 0 to 11, norm 22.49'
    """
    a = np.asarray(array)
    if a.ndim == 0:
        return number(a[()], 6)
    if a.size <= FEW and a.ndim <= 2:
        return entries(a, digits)
    return f"{size(a.shape)}, {summary(a, digits)}"


def entries(a: np.ndarray, digits: int = 4) -> str:
    inner = [entries(row, digits) if a.ndim > 1 else number(row, digits) for row in a]
    return f"[{', '.join(inner)}]"


def size(shape: tuple[int, ...]) -> str:
    """A shape as ``3×4``; ``1 number`` for a single one.

    >>> size((3, 4)), size((5,)), size(())
    ('3×4', '5 entries', '1 number')
    """
    if not shape:
        return "1 number"
    return f"{shape[0]} entries" if len(shape) == 1 else "×".join(map(str, shape))


def summary(a: np.ndarray, digits: int = 4) -> str:
    """Mean, smallest, largest, norm; and how many entries are no finite numbers."""
    if not a.size:
        return "empty"
    if a.dtype.kind not in "fiu":
        return f"{a.dtype} entries"
    x = a.astype(np.float64, copy=False)
    finite = np.isfinite(x)
    if not finite.all():
        return f"{int((~finite).sum())} of {x.size} entries not finite"
    low, high = float(x.min()), float(x.max())
    if low == high:
        return f"each {number(low, digits)}"
    return f"mean {number(x.mean(), digits)}, from {number(low, digits)} to {number(high, digits)}, norm {number(norm(x), digits)}"


def norm(a: Any) -> float:
    """√Σ|x|²"""
    x = np.asarray(a)
    return float(np.linalg.norm(x.reshape(-1).astype(np.complex128 if x.dtype.kind == "c" else np.float64)))


def counted(n: int, what: str) -> str:
    """``1 path``, ``2,000 paths``"""
    return f"{n:,} {what}{'' if n == 1 else 's'}"
