"""The data that all rungs learn from: the documents' four samples, or a table of one's own."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import did_you_mean, message
from .checking.points import as_array

__all__ = ["Table", "documents"]


@dataclass(frozen=True, eq=False)
class Table:
    """Samples ``x`` of shape (N,) for one column or (N, D) for several, targets ``y`` of shape (N,), in float32.

    ``bias`` says whether a line may cross the axis anywhere (y = w·x + b) or goes through 0 (y = w·x). ``ask`` is the x
    whose prediction is shown before and after training; the first sample's if not given.

    >>> Table([[1, 2], [3, 4], [5, 6]], [1, 2, 3]).start
    {'w': array([0., 0.], dtype=float32), 'b': array(0., dtype=float32)}
    """

    x: Any
    y: Any
    bias: bool = True
    ask: Any = None
    columns: Sequence[str] = ("x",)
    target: str = "y"
    start: dict[str, np.ndarray] = field(init=False)
    asks_first: bool = field(init=False)

    def __post_init__(self) -> None:
        x, y = as_array(self.x, "x").astype(np.float32), as_array(self.y, "y").astype(np.float32)
        x = x[:, 0] if x.ndim == 2 and x.shape[1] == 1 else x
        y = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
        if x.ndim not in (1, 2) or y.ndim != 1 or len(x) != len(y) or not len(x):
            raise ValueError(
                message(
                    f"x has shape {x.shape} and y {y.shape}",
                    "a table has a row of x, and one number y, for each of at least one sample",
                    "Table([1, 2, 3, 4], [2, 4, 6, 8])",
                )
            )
        for name, values in (("x", x), ("y", y)):
            if not np.all(np.isfinite(values)):
                row = int(np.argwhere(~np.isfinite(values))[0][0])
                raise ValueError(message(f"{name} holds {spell_row(values[row])} in row {row}", "no mean survives it"))
        ask = x[0] if self.ask is None else as_array(self.ask, "ask").astype(np.float32)
        if ask.shape != x.shape[1:]:
            raise ValueError(message(f"ask has shape {ask.shape}, a row of x has {x.shape[1:]}"))
        object.__setattr__(self, "asks_first", self.ask is None)
        start = {"w": np.zeros(x.shape[1:], np.float32)} | ({"b": np.zeros((), np.float32)} if self.bias else {})
        for name, value in (("x", x), ("y", y), ("ask", ask), ("start", start)):
            object.__setattr__(self, name, value)

    @classmethod
    def from_csv(cls, path: str | Path, x: Sequence[str], target: str, bias: bool = True) -> Table:
        """The named columns of a CSV file whose first line names its columns."""
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            known = [name for name in reader.fieldnames or []]
            for name in (*x, target):
                if name not in known:
                    raise ValueError(
                        message(
                            f"{path} has no column {name!r}.{did_you_mean(name, known)}",
                            f"its columns are {', '.join(known)}",
                        )
                    )
            rows = [[_number(row[name], name, reader.line_num, path) for name in (*x, target)] for row in reader]
        if not rows:
            raise ValueError(message(f"{path} has no rows below its header"))
        values = np.array(rows)
        return cls(values[:, :-1], values[:, -1], bias, columns=tuple(x), target=target)

    @property
    def question(self) -> str:
        """``f(5)``: what is asked before and after training."""
        return (
            f"f({spell_row(self.ask)})"
            if np.size(self.ask) <= 2
            else "f(first sample)"
            if self.asks_first
            else "f(ask)"
        )

    @property
    def formula(self) -> str:
        """``f(x) = w·x + b``, with the columns' names."""
        product = "w·x" if len(self.columns) == 1 else " + ".join(f"w[{i}]·{c}" for i, c in enumerate(self.columns))
        return (
            f"f({', '.join(self.columns) if len(self.columns) > 1 else 'x'}) = {product}{' + b' if self.bias else ''}"
        )

    def largest_lr(self) -> float:
        """2/λ, with λ the largest curvature of the mean squared error: from there on, gradient descent moves away.

        λ is the largest eigenvalue of 2/N · AᵀA, where A holds x and, with a bias, a column of ones.

        >>> f"{documents().largest_lr():.4f}"  # λ = 2 · (1 + 4 + 9 + 16) / 4 = 15
        '0.1333'
        """
        a = self.x.reshape(len(self.x), -1).astype(np.float64)
        if self.bias:
            a = np.column_stack([a, np.ones(len(a))])
        curvature = float(np.linalg.norm(a, 2)) ** 2 * 2 / len(a)
        return 2 / curvature if curvature else float("inf")


def documents() -> Table:
    """The founding documents' data: y = 2x at x = 1, 2, 3, 4, and the question f(5)."""
    return Table([1, 2, 3, 4], [2, 4, 6, 8], bias=False, ask=5)


def spell_row(row: np.ndarray) -> str:
    """A row's values, for messages."""
    return ", ".join(f"{value:.6g}" for value in np.atleast_1d(row))


def _number(cell: str | None, column: str, line: int, path: str | Path) -> float:
    try:
        return float(cell or "")
    except ValueError:
        raise ValueError(
            message(
                f"{path}, line {line}: column {column!r} holds {cell!r}, which is no number",
                "the rungs multiply and add, so every cell that they use is a number",
                "leave that row out, or choose another column",
            )
        ) from None
