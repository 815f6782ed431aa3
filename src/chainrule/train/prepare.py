"""From what the user hands over to encoded rows: read, choose the target, hold a part out, learn the scaling."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.base.errors import message
from chainrule.train.arrays import ArrayFeatures, as_numbers, as_targets
from chainrule.train.columns import counted, numbers
from chainrule.train.errors import DataError, SettingError, listed, no_such_column, option
from chainrule.train.loop import Rows
from chainrule.train.schema import Schema, infer_kinds
from chainrule.train.table import Frame, as_table, bundled, typed
from chainrule.train.target import Target, infer_target, scaled

Features = Schema | ArrayFeatures


@dataclass(frozen=True)
class Prepared:
    """Rows to learn from and rows held out, with all that is needed to encode further ones."""

    source: str
    path: str | None
    features: Features
    target: Target
    training: Rows
    held_out: Rows
    answers: np.ndarray  # the targets of the measured rows, as they were given
    notes: tuple[str, ...]

    @property
    def rows(self) -> int:
        return len(self.training) + len(self.held_out)

    @property
    def measured(self) -> Rows:
        """The rows that metrics are taken on: the held-out ones, or those of training where none are."""
        return self.held_out if len(self.held_out) else self.training


@dataclass(frozen=True)
class Plan:
    """How data is to be read; the part of the settings that concerns it."""

    task: str | None
    test_size: float
    seed: int
    scale: bool
    drop: tuple[str, ...]
    category: tuple[str, ...]


def prepare(data: Any, target: str | None, plan: Plan, dtype: str = "float32") -> Prepared:
    """Encode ``data``: a pair (X, y) of arrays, or anything that :func:`as_table` reads, with a ``target`` column.

    None is the bundled data.

    Raises:
        DataError: the data cannot be learned from; the message says why.
    """
    if data is None:
        data, target = bundled(), target or "body_mass_g"
    if isinstance(data, tuple) and len(data) == 2:
        x, y = data
        if isinstance(x, (np.ndarray, list)) or hasattr(x, "detach"):
            return _prepare_arrays(as_numbers(x), y, target or "y", plan, dtype)
        name = target or str(getattr(y, "name", None) or "y")
        frame = as_table(x)
        data, target = frame.with_columns(as_table({name: list(as_targets(y, frame.height))})[name]), name
    return _prepare_table(data, target, plan)


def _prepare_arrays(x: np.ndarray, y: Any, name: str, plan: Plan, dtype: str) -> Prepared:
    values = as_targets(y, len(x))
    target = infer_target(name, values, plan.task)
    training, held_out = split(values, target, plan.test_size, plan.seed)
    target = scaled(target, values[training], plan.scale)
    features = ArrayFeatures.learn(x[training], plan.scale, dtype)
    source = f"array {x.shape}"
    return _encoded(source, None, features, target, x[training], x[held_out], values, training, held_out, ())


def _prepare_table(data: Any, name: str | None, plan: Plan) -> Prepared:
    frame = as_table(data)
    path = str(Path(data).absolute()) if isinstance(data, (str, os.PathLike)) else None
    source = Path(path).name if path else f"table of {frame.width} columns"
    if name is None:
        raise DataError(
            message(
                "no target was named", f"the columns are {listed(frame.columns)}", option("target", frame.columns[-1])
            )
        )
    if name not in frame.columns:
        raise no_such_column(name, frame.columns, role="the target ")
    known, values, notes = with_target(frame, name)
    target = infer_target(name, values, plan.task)
    _check_classes(target, values)
    kinds = infer_kinds(frame, name, plan.drop, plan.category)  # of all rows: its errors name the table's row numbers
    training, held_out = split(values, target, plan.test_size, plan.seed)
    target = scaled(target, values[training], plan.scale)
    features = kinds.learn(known[training], plan.scale)
    parts = (known[training], known[held_out])
    return _encoded(source, path, features, target, *parts, values, training, held_out, notes)


def _encoded(
    source: str, path: str | None, features: Features, target: Target, seen: Any, unseen: Any,
    values: np.ndarray, training: np.ndarray, held_out: np.ndarray, notes: tuple[str, ...],
) -> Prepared:  # fmt: skip
    def rows(x: Any, chosen: np.ndarray) -> Rows:
        encoded = features.encode(x) if len(chosen) else np.zeros((0,), np.float32)
        y = target.encode(values[chosen])
        return Rows(encoded, y if y.dtype == np.int64 else y.astype(encoded.dtype))

    answers = values[held_out if len(held_out) else training]
    return Prepared(source, path, features, target, rows(seen, training), rows(unseen, held_out), answers, notes)


def with_target(frame: Frame, name: str) -> tuple[Frame, np.ndarray, tuple[str, ...]]:
    """The rows whose target is known, their targets, and a note on the others."""
    column = _target_column(frame, name)
    missing = column.null_count()
    if missing == len(column):
        raise DataError(
            message(
                f"the target {name!r} has no value in any of {counted(len(column), 'row')}: all values are missing",
                "a model learns from rows whose answer is known",
                "a target column with values",
            )
        )
    known = column.is_not_null()
    values = column.filter(known)
    if values.dtype.is_temporal():
        array = numbers(values)
    else:
        array = np.array(values.to_list(), dtype=object) if not values.dtype.is_numeric() else values.to_numpy()
        array = array.astype(bool) if array.dtype == object and isinstance(array[0], bool) else array
    notes = (f"{counted(missing, 'row')} without {name} left out",) if missing else ()
    return frame.filter(known), array, notes


def _target_column(frame: Frame, name: str) -> Any:
    """The target as what its cells spell; text among numbers and NaN are found here, with the table's row numbers."""
    import polars as pl

    column = frame[name]
    if column.dtype.is_nested():
        raise DataError(
            message(f"the target {name!r} is nested ({column.dtype})", "a target is one value for each row")
        )
    if column.dtype in (pl.Categorical, pl.Enum):
        column = column.cast(pl.String)
    if column.dtype == pl.String:
        column = typed(column)
    if column.dtype.is_numeric():
        numbers(column)
        return column.cast(pl.Float64) if column.dtype.is_decimal() else column
    if column.dtype == pl.String:
        odd = column.cast(pl.Float64, strict=False).is_null() & column.is_not_null()
        rows = odd.arg_true().to_list()
        if len(rows) <= (len(column) - column.null_count()) / 2:
            raise DataError(
                message(
                    f"the target {name!r} holds text where numbers are needed: {column[rows[0]]!r} in row {rows[0] + 1}"
                    + (f" and {len(rows) - 1} more" if len(rows) > 1 else ""),
                    f"{len(column) - column.null_count() - len(rows)} of its {len(column)} cells are numbers",
                    "numbers or empty cells in that column",
                )
            )
    return column


def _check_classes(target: Target, values: np.ndarray) -> None:
    if not target.is_regression and len(target.classes) > max(20, len(values) // 2):
        raise DataError(
            message(
                f"the target {target.name!r} has {len(target.classes)} different values in {len(values)} rows",
                "most classes would be seen once or never",
                f"{option('task', 'regression')} if they are numbers, or another target",
            )
        )


def split(values: np.ndarray, target: Target, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers to learn from and to hold out, at random; each class gives its share, and keeps a row to learn from.

    >>> split(np.arange(10.0), Target("y", "regression"), share=0.2, seed=0)
    (array([0, 1, 3, 4, 5, 6, 7, 9]), array([2, 8]))
    """
    if share == 0:
        return np.arange(len(values)), np.zeros(0, dtype=np.int64)
    if len(values) < 2:
        raise SettingError(
            message(f"{counted(len(values), 'row')} cannot be split in two", "one is held out", option("test_size", 0))
        )
    order = np.random.RandomState(seed).permutation(len(values))  # a stream that NumPy has promised to keep
    groups = [order] if target.is_regression else [order[values[order] == label] for label in target.classes]
    takes = [min(len(group) - 1, round(share * len(group))) for group in groups]
    if not any(takes):
        takes[int(np.argmax([len(group) for group in groups]))] = int(max(map(len, groups)) > 1)
    held_out = np.sort(np.concatenate([group[:take] for group, take in zip(groups, takes, strict=True)]))
    return np.setdiff1d(np.arange(len(values)), held_out), held_out
