"""What each column of a table is, and the table as one array of features.

``infer`` decides, in this order: a column is left out when asked to, when it holds one value or none, when its values
are nested, or when it looks like an identifier; it is a number, a date or a boolean when all its cells are; text is a
category, unless half of its cells are numbers: then the others are mistakes, and are reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.base.errors import message
from chainrule.train.columns import (
    CategoryColumn,
    Column,
    NumberColumn,
    column_from_json,
    numbers,
    text_among_numbers,
)
from chainrule.train.errors import DataError, listed, no_such_column, option
from chainrule.train.table import Frame, Series, typed

IDENTIFIER = re.compile(r"(^|_)(id|uuid|guid|key)$|^(id|index|row|row_?(id|number|nr)|unnamed.*|)$", re.IGNORECASE)


@dataclass(frozen=True)
class Schema:
    """The columns a model reads, in order; ``dropped`` says why the others are not among them."""

    columns: tuple[Column, ...]
    dropped: dict[str, str]

    @property
    def features(self) -> list[str]:
        """The names of the model's inputs, one for each column of the encoded array."""
        return [feature for column in self.columns for feature in column.features]

    @property
    def shape(self) -> tuple[int]:
        """Of one encoded row."""
        return (len(self.features),)

    def encode(self, frame: Frame) -> np.ndarray:
        """A table of N rows → (N, len(features)) float32."""
        self.check(frame)
        return np.hstack([c.encode(_ready(frame[c.name], c)) for c in self.columns]).astype(np.float32)

    def notes(self, frame: Frame) -> list[str]:
        """What had to be assumed about these rows: missing values, categories never seen."""
        self.check(frame)
        return [note for c in self.columns for note in c.notes(_ready(frame[c.name], c))]

    def check(self, frame: Frame) -> None:
        for column in self.columns:
            if column.name not in frame.columns:
                raise no_such_column(column.name, frame.columns, role="the feature ")

    def to_json(self) -> dict[str, Any]:
        return {"columns": [column.to_json() for column in self.columns], "dropped": self.dropped}

    @classmethod
    def from_json(cls, entry: dict[str, Any]) -> Schema:
        return cls(tuple(map(column_from_json, entry["columns"])), dict(entry["dropped"]))


def infer_kinds(frame: Frame, target: str, drop: Sequence[str] = (), category: Sequence[str] = ()) -> Kinds:
    """The kind of every column but the target, from all rows.

    Raises:
        DataError: an option names no column, text stands among numbers, or no column is left to learn from.
    """
    for name in (*drop, *category):
        if name not in frame.columns:
            raise no_such_column(name, frame.columns)
    kinds: dict[str, str] = {}
    dropped = {name: "left out as asked" for name in drop}
    for name in frame.columns:
        if name == target or name in dropped:
            continue
        reason = _useless(frame[name], asked_for=name in category)
        if reason:
            dropped[name] = reason
        else:
            kinds[name] = "category" if name in category else _kind(frame[name])
    if not kinds:
        raise _nothing_left(target, dropped)
    return Kinds(kinds, dropped)


@dataclass(frozen=True)
class Kinds:
    """Column name → kind, before anything is learned from the training rows."""

    kinds: dict[str, str]
    dropped: dict[str, str]

    def learn(self, training: Frame, scale: bool = True) -> Schema:
        """Medians, means, deviations and categories of the training rows."""
        columns: Iterable[Column] = (
            CategoryColumn.learn(training[name])
            if kind == "category"
            else NumberColumn.learn(_numeric(training[name]), kind, scale)
            for name, kind in self.kinds.items()
        )
        return Schema(tuple(columns), self.dropped)


def _useless(column: Series, asked_for: bool) -> str:
    """Why nothing can be learned from a column, or an empty string."""
    import polars as pl

    known = column.drop_nulls()
    if len(known) == 0:
        return "all its values are missing"
    if column.dtype.is_nested() or column.dtype in (pl.Binary, pl.Object):
        return f"its values are nested ({column.dtype})"
    different = known.n_unique()
    if different == 1 and column.null_count() == 0:
        return f"it holds one value only, {known[0]!r}"
    if asked_for:
        return ""
    all_different = different == len(known)
    if all_different and IDENTIFIER.search(column.name) and not column.dtype.is_float():
        return f"an identifier: {different} different values in {len(column)} rows"
    if _kind(column) == "category" and different > max(20, len(known) // 2):
        return f"an identifier or free text: {different} different values in {len(column)} rows"
    return ""


def _kind(column: Series) -> str:
    import polars as pl

    if column.dtype == pl.Boolean:
        return "boolean"
    if column.dtype.is_numeric():
        numbers(column)  # NaN and infinity are found here, in all rows
        return "number"
    if column.dtype in (pl.Date, pl.Datetime):
        return "date"
    if column.dtype in (pl.Duration, pl.Time):
        return "number"
    if column.dtype == pl.String:
        return _kind_of_text(column)
    return "category"  # Categorical, Enum


def _kind_of_text(column: Series) -> str:
    """Text is a category, unless it spells something else (in a JSON or Parquet file), wholly or for the most part."""
    import polars as pl

    spelled = typed(column)
    if spelled.dtype != pl.String:
        return _kind(spelled)
    not_numbers = (spelled.cast(pl.Float64, strict=False).is_null() & spelled.is_not_null()).arg_true().to_list()
    if len(not_numbers) <= spelled.drop_nulls().len() / 2:
        raise text_among_numbers(spelled, not_numbers)
    return "category"


def _numeric(column: Series) -> Series:
    """Numbers, booleans and dates that a table spells as text, as what they are."""
    import polars as pl

    return typed(column) if column.dtype == pl.String else column


def _ready(column: Series, as_learned: Column) -> Series:
    return column if as_learned.kind == "category" else _numeric(column)


def _nothing_left(target: str, dropped: dict[str, str]) -> DataError:
    reasons = "; ".join(f"{name}: {reason}" for name, reason in dropped.items())
    if dropped and all(reason == "all its values are missing" for reason in dropped.values()):
        what = f"all values are missing in every column beside the target {target!r}: {listed(dropped)}"
        return DataError(message(what, "a model learns from numbers and categories", "a table with values in it"))
    kept = next((name for name, reason in dropped.items() if reason.startswith("an identifier")), None)
    return DataError(
        message(
            f"no column is left to learn {target!r} from",
            reasons or "the target is the only column",
            f"{option('category', [kept])} to keep it" if kept else "a table with one more column",
        )
    )
