"""One column of a table as numbers that a model takes, and back to readable JSON.

======== ============================== ===================================================
kind     becomes                        missing values
======== ============================== ===================================================
number   (x − mean) / std               the median; where 5 % or more are missing, a second
                                        feature says so: 1 = missing
date     days since 1970, as a number;  as a number
         a duration or a time in days
boolean  0 or 1, as a number            as a number
category one feature per category:      no category's feature is 1; where 5 % or more are
         1 where it is this one         missing, "missing" is a category itself
======== ============================== ===================================================

Median, mean, deviation and categories come from the training rows only: the held-out part must stay unseen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from chainrule.base.errors import message
from chainrule.train.errors import DataError, listed, option
from chainrule.train.table import Series

OFTEN = 0.05  # a share of missing values from which "missing" is worth a feature of its own
MICROSECONDS_A_DAY = 86_400e6
MOST_CATEGORIES = 50  # the more frequent ones; the others share "none of these"


@dataclass(frozen=True)
class NumberColumn:
    """z = (x − mean) / std, with ``fill`` where x is missing."""

    name: str
    kind: str  # "number", "date" or "boolean"
    fill: float
    mean: float
    std: float
    marks_missing: bool

    @classmethod
    def learn(cls, column: Series, kind: str, scale: bool) -> NumberColumn:
        """The statistics of the training rows; with ``scale=False`` mean 0 and std 1 leave the values alone."""
        values = numbers(column)
        known = values[~np.isnan(values)]
        fill = float(np.median(known)) if known.size else 0.0
        filled = np.where(np.isnan(values), fill, values)
        mean, std = (float(filled.mean()), float(filled.std())) if scale else (0.0, 1.0)
        marks = column.null_count() >= max(1, OFTEN * len(column))
        return cls(column.name, kind, fill, mean, std if std > 0 else 1.0, marks)

    @property
    def features(self) -> list[str]:
        return [self.name, f"{self.name} is missing"] if self.marks_missing else [self.name]

    def encode(self, column: Series) -> np.ndarray:
        """(N,) cells → (N, 1 or 2) numbers."""
        values = numbers(column)
        missing = np.isnan(values)
        scaled = (np.where(missing, self.fill, values) - self.mean) / self.std
        return np.column_stack([scaled, missing] if self.marks_missing else [scaled])

    def notes(self, column: Series) -> list[str]:
        missing = column.null_count()
        return [f"{self.name}: {counted(missing, 'missing value')} read as {self.fill:g}"] if missing else []

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name, "kind": self.kind, "fill": self.fill, "mean": self.mean, "std": self.std,
            "marks_missing": self.marks_missing,
        }  # fmt: skip


@dataclass(frozen=True)
class CategoryColumn:
    """One feature per category: 1 where the cell is that category, 0 elsewhere.

    All categories have a feature, also the first: so "none of these" (all zeros) is not one of them.
    """

    name: str
    categories: tuple[str, ...]
    marks_missing: bool
    kind: ClassVar[str] = "category"

    @classmethod
    def learn(cls, column: Series) -> CategoryColumn:
        """The categories of the training rows, in order; beyond 50, the most frequent."""
        values, counts = np.unique([cell for cell in texts(column) if cell is not None], return_counts=True)
        frequent = values[np.argsort(-counts, kind="stable")[:MOST_CATEGORIES]]
        marks = column.null_count() >= max(1, OFTEN * len(column))
        return cls(column.name, tuple(sorted(map(str, frequent))), marks)

    @property
    def features(self) -> list[str]:
        names = [f"{self.name} = {category}" for category in self.categories]
        return [*names, f"{self.name} is missing"] if self.marks_missing else names

    def encode(self, column: Series) -> np.ndarray:
        """(N,) cells → (N, number of categories) zeros and ones."""
        cells = np.array(texts(column), dtype=object)
        parts = [cells == category for category in self.categories]
        if self.marks_missing:
            parts.append(np.array([cell is None for cell in cells]))
        return np.column_stack(parts) if parts else np.zeros((len(cells), 0))

    def notes(self, column: Series) -> list[str]:
        unseen = [cell for cell in texts(column) if cell is not None and cell not in self.categories]
        if not unseen:
            return []
        different = sorted(set(unseen))
        return [
            f"{self.name}: {listed(map(repr, different), 3)} not among the {len(self.categories)} categories seen in "
            f"training ({counted(len(unseen), 'row')}): read as none of them"
        ]

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name, "kind": self.kind, "categories": list(self.categories),
            "marks_missing": self.marks_missing,
        }  # fmt: skip


Column = NumberColumn | CategoryColumn


def column_from_json(entry: dict[str, Any]) -> Column:
    if entry["kind"] == "category":
        return CategoryColumn(entry["name"], tuple(entry["categories"]), entry["marks_missing"])
    return NumberColumn(**entry)


def numbers(column: Series) -> np.ndarray:
    """(N,) cells → (N,) float64 with NaN for missing; a date is its days since 1970, a duration or a time its days.

    Raises:
        DataError: a cell is text, NaN or infinite.
    """
    import polars as pl

    if column.dtype == pl.String:
        as_number = column.cast(pl.Float64, strict=False)
        bad = (as_number.is_null() & column.is_not_null()).arg_true().to_list()
        if bad:
            raise text_among_numbers(column, bad)
        column = as_number
    elif column.dtype == pl.Duration:
        column = column.dt.total_microseconds().cast(pl.Float64) / MICROSECONDS_A_DAY
    elif column.dtype == pl.Time:
        column = column.cast(pl.Duration("us")).dt.total_microseconds().cast(pl.Float64) / MICROSECONDS_A_DAY
    elif column.dtype.is_temporal():
        column = column.dt.epoch("us").cast(pl.Float64) / MICROSECONDS_A_DAY
    else:
        column = column.cast(pl.Float64)
    bad = (~column.is_finite()).fill_null(False).arg_true().to_list()
    if bad:
        raise not_finite(column.name, column.to_numpy(), bad)
    return column.to_numpy().astype(np.float64)


def texts(column: Series) -> list[str | None]:
    """The cells of a category as text; 3.0 and 3 are one category."""
    import polars as pl

    if column.dtype.is_float() and (column.drop_nulls() == column.drop_nulls().round()).all():
        column = column.cast(pl.Int64)
    return column.cast(pl.String).to_list()


def not_finite(name: str, values: np.ndarray, rows: list[int]) -> DataError:
    """NaN and infinity are numbers that went wrong, unlike an empty cell, which says that nothing is known."""
    first = values[rows[0]]
    spelled = "NaN" if math.isnan(first) else "infinity" if first > 0 else "-infinity"
    return DataError(
        message(
            f"column {name!r} holds {spelled} in row {rows[0] + 1}"
            + (f" (NaN or infinity in {len(rows)} of {len(values)} rows)" if len(rows) > 1 else ""),
            "one such number makes every weight NaN in one step",
            "an empty cell (None in Python) where the value is not known",
        )
    )


def text_among_numbers(column: Series, rows: list[int]) -> DataError:
    name, cells = column.name, [f"{column[row]!r} in row {row + 1}" for row in rows[:3]]
    return DataError(
        message(
            f"column {name!r} holds text where numbers are needed: {', '.join(cells)}"
            + (f" and {len(rows) - 3} more" if len(rows) > 3 else ""),
            f"{len(column) - column.null_count() - len(rows)} of its {len(column)} cells are numbers",
            f"numbers or empty cells; or {option('category', [name])}, {option('drop', [name])}",
        )
    )


def counted(number: int, noun: str) -> str:
    """``1 row``, ``2 rows``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
