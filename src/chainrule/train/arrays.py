"""Features that come as an array instead of a table: z = (x − mean) / std, and nothing to infer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.base.errors import message
from chainrule.train.errors import DataError


@dataclass(frozen=True)
class ArrayFeatures:
    """Rows of one shape. A row of numbers is scaled column by column; an image or a sequence as a whole."""

    shape: tuple[int, ...]  # of one row
    mean: np.ndarray
    std: np.ndarray
    dropped: dict[str, str]
    dtype: str = "float32"

    @classmethod
    def learn(cls, training: np.ndarray, scale: bool, dtype: str = "float32") -> ArrayFeatures:
        """The statistics of the training rows: (N, F) gives one mean per column, (N, …) one in all."""
        axes = 0 if training.ndim == 2 else None
        mean = np.asarray(training.mean(axis=axes, dtype=np.float64) if scale else 0.0)
        std = np.asarray(training.std(axis=axes, dtype=np.float64) if scale else 1.0)
        return cls(training.shape[1:], mean, np.where(std > 0, std, 1.0), {}, dtype)

    @property
    def features(self) -> list[str]:
        return [f"x{index}" for index in range(self.shape[0])] if len(self.shape) == 1 else [f"array {self.shape}"]

    def encode(self, x: Any) -> np.ndarray:
        """(N, …) numbers → the same, scaled, in the dtype of the model."""
        array = as_numbers(x)
        if array.shape[1:] != self.shape:
            raise DataError(
                message(
                    f"the rows have shape {array.shape[1:]}, the model was trained on rows of shape {self.shape}",
                    f"the whole array has shape {array.shape}, and its first axis counts the rows",
                )
            )
        return ((array - self.mean) / self.std).astype(self.dtype)

    def notes(self, x: Any) -> list[str]:
        return []

    def to_json(self) -> dict[str, Any]:
        return {
            "shape": list(self.shape), "mean": self.mean.tolist(), "std": self.std.tolist(), "dtype": self.dtype,
        }  # fmt: skip

    @classmethod
    def from_json(cls, entry: dict[str, Any]) -> ArrayFeatures:
        mean, std = np.asarray(entry["mean"]), np.asarray(entry["std"])
        return cls(tuple(entry["shape"]), mean, std, {}, entry["dtype"])


def as_numbers(x: Any) -> np.ndarray:
    """An array of finite numbers with one row per entry of its first axis; (N,) becomes (N, 1).

    Raises:
        DataError: it holds text, NaN or infinity, or no rows.
    """
    array = np.asarray(x.detach().numpy() if hasattr(x, "detach") else x)
    if array.dtype.kind not in "biuf":
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise DataError(
                message(f"X holds {array.dtype} where numbers are needed", str(error), "a table, as {column: values}")
            ) from error
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim == 0 or array.size == 0:
        raise DataError(message(f"X is empty: its shape is {array.shape}", "a model learns from rows"))
    finite = np.isfinite(array)
    if not finite.all():
        first = np.argwhere(~finite)[0]
        raise DataError(
            message(
                f"X holds {array[tuple(first)]} at {tuple(first.tolist())} ({(~finite).sum()} NaN or infinite in all)",
                "one such number makes every weight NaN in one step",
                "a table with None where a value is not known, as {column: values}",
            )
        )
    return array


def as_targets(y: Any, rows: int) -> np.ndarray:
    """(N,) targets from (N,) or (N, 1) ones.

    Raises:
        DataError: their number is not that of the rows, or there are several for a row.
    """
    array = np.asarray(y.detach().numpy() if hasattr(y, "detach") else y)
    flat = array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
    if flat.ndim != 1:
        raise DataError(
            message(f"y has shape {array.shape}", "a target is one value for each row", f"y of shape ({rows},)")
        )
    if len(flat) != rows:
        raise DataError(message(f"X has {rows} rows and y has {len(flat)}", "every row needs its target"))
    return flat.astype(object) if flat.dtype.kind == "U" else flat
