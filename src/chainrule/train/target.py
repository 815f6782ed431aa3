"""What is to be predicted: a number, one of two classes, or one of several; and the loss that follows from it.

=============== ============================== ============= ==================
task            loss                           model outputs prediction
=============== ============================== ============= ==================
regression      L = mean (ŷ − y)²              1             ŷ
two classes     L = −mean log p(y), p = σ(z)   1             p > ½
several classes L = −mean log softmax(z)[y]    one per class the largest p
=============== ============================== ============= ==================

A regression target is learned as (y − mean) / std, so that one learning rate suits grams and kilometres alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.base.errors import message
from chainrule.train.columns import not_finite
from chainrule.train.errors import DataError, SettingError, listed, option

REGRESSION, TWO_CLASSES, SEVERAL_CLASSES = "regression", "two classes", "several classes"
FEW = 10  # up to so many different whole numbers, each in so many rows on average, are taken for classes


@dataclass(frozen=True)
class Target:
    """The target column: its task, its classes or its scale."""

    name: str
    task: str
    classes: tuple[Any, ...] = ()
    mean: float = 0.0
    std: float = 1.0

    @property
    def is_regression(self) -> bool:
        return self.task == REGRESSION

    @property
    def outputs(self) -> int:
        """How many numbers the model gives for a row."""
        return len(self.classes) if self.task == SEVERAL_CLASSES else 1

    def encode(self, values: np.ndarray) -> np.ndarray:
        """(N,) values → (N, 1) scaled numbers, (N, 1) zeros and ones, or (N,) class indices."""
        if self.is_regression:
            scaled = (np.asarray(values, dtype=np.float64) - self.mean) / self.std
            return scaled[:, None]
        position = {label: index for index, label in enumerate(self.classes)}
        indices = np.array([position[label] for label in values.tolist()], dtype=np.int64)
        return indices if self.task == SEVERAL_CLASSES else indices[:, None].astype(np.float64)

    def numbers(self, outputs: np.ndarray) -> np.ndarray:
        """(N, 1) outputs of a regression → (N,) numbers in the target's own unit."""
        return outputs[:, 0].astype(np.float64) * self.std + self.mean

    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """(N, outputs) → (N, classes): σ(z) for two classes, softmax for several."""
        z = outputs.astype(np.float64)
        if self.task == TWO_CLASSES:
            z = np.hstack([np.zeros_like(z), z])  # σ(z) is the softmax of (0, z)
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def predictions(self, outputs: np.ndarray) -> np.ndarray:
        """(N, outputs) → (N,) numbers or class labels."""
        if self.is_regression:
            return self.numbers(outputs)
        return self.labels(self.probabilities(outputs).argmax(axis=1))

    def labels(self, indices: np.ndarray) -> np.ndarray:
        return np.array(self.classes, dtype=object if isinstance(self.classes[0], str) else None)[indices]

    def to_json(self) -> dict[str, Any]:
        scale = {"mean": self.mean, "std": self.std} if self.is_regression else {"classes": list(self.classes)}
        return {"name": self.name, "task": self.task, **scale}

    @classmethod
    def from_json(cls, entry: dict[str, Any]) -> Target:
        return cls(**{**entry, "classes": tuple(entry.get("classes", ()))})


def infer_target(name: str, values: np.ndarray, task: str | None = None) -> Target:
    """The task that the values suggest, or the one asked for; scaled once the training rows are known.

    Args:
        name: of the column.
        values: (N,) without missing ones: numbers, booleans or text.
        task: None, ``"regression"`` or ``"classification"``.

    Raises:
        DataError: the target is constant, NaN or infinite, or text where a number is asked for.
    """
    if task not in (None, "regression", "classification"):
        raise SettingError(message(f"unknown task {task!r}", "known are 'regression' and 'classification'"))
    numeric = values.dtype.kind in "iuf"
    if task == "regression" and not numeric:
        raise _text_target(name, values)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise not_finite(name, values, np.flatnonzero(~np.isfinite(values)).tolist())
    classes = tuple(np.unique(values).tolist())
    if len(classes) == 1:
        raise _constant(name, classes[0], len(values))
    if task == "regression" or (task is None and numeric and not _looks_like_classes(values, classes)):
        return Target(name, REGRESSION)
    return Target(name, TWO_CLASSES if len(classes) == 2 else SEVERAL_CLASSES, classes)


def scaled(target: Target, training: np.ndarray, scale: bool) -> Target:
    """The target with the mean and deviation of the training rows, if it is a number and is to be scaled."""
    if not target.is_regression or not scale:
        return target
    values = np.asarray(training, dtype=np.float64)
    return Target(target.name, target.task, mean=float(values.mean()), std=float(values.std()) or 1.0)


def _looks_like_classes(values: np.ndarray, classes: tuple[Any, ...]) -> bool:
    """0 and 1; or a few different whole numbers, each in many rows."""
    whole = all(float(label).is_integer() for label in classes)
    return whole and (set(classes) == {0, 1} or len(classes) <= FEW <= len(values) / len(classes))


def _text_target(name: str, values: np.ndarray) -> DataError:
    row = next((i for i, value in enumerate(values.tolist()) if not isinstance(value, (int, float))), 0)
    return DataError(
        message(
            f"the target {name!r} holds text where numbers are needed: {values.tolist()[row]!r} in row {row + 1}",
            "a regression predicts a number",
            f"{option('task', 'classification')}, or a column of numbers",
        )
    )


def _constant(name: str, value: object, rows: int) -> DataError:
    return DataError(
        message(
            f"the target {name!r} is constant: {value!r} in {rows} of {rows} rows (1 class)",
            "every model that answers it is right, and there is nothing to learn",
            "a target that takes at least two values",
        )
    )


def describe_classes(target: Target) -> str:
    """``Adelie, Chinstrap, Gentoo``"""
    return listed([str(label) for label in target.classes], 6)
