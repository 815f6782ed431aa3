"""How good predictions are, and how good the trivial ones are that look at no feature."""

from __future__ import annotations

import numpy as np

from chainrule.train.target import Target

Metrics = dict[str, float]

SMALLER_IS_BETTER = ("RMSE", "MAE", "cross-entropy")


def headline(target: Target) -> str:
    """The one metric named in the line of an epoch."""
    return "RMSE" if target.is_regression else "accuracy"


def regression(y: np.ndarray, predicted: np.ndarray) -> Metrics:
    """RMSE = √(mean (ŷ − y)²), MAE = mean |ŷ − y|, R² = 1 − Σ(ŷ − y)² / Σ(y − ȳ)².

    R² is left out where the rows hold one value only: there is no spread to explain.

    >>> regression(np.array([1.0, 3.0]), np.array([2.0, 3.0]))
    {'RMSE': 0.7071067811865476, 'MAE': 0.5, 'R²': 0.5}
    """
    y = np.asarray(y, dtype=np.float64)
    residual = predicted - y
    found = {"RMSE": float(np.sqrt(np.mean(residual**2))), "MAE": float(np.mean(np.abs(residual)))}
    spread = np.sum((y - y.mean()) ** 2)
    if spread > 0:
        found["R²"] = float(1 - np.sum(residual**2) / spread)
    return found


def classification(indices: np.ndarray, probabilities: np.ndarray) -> Metrics:
    """Accuracy = share of rows whose largest p is at the true class, cross-entropy = −mean log p(true class).

    Args:
        indices: (N,) the true classes.
        probabilities: (N, classes).

    >>> classification(np.array([0, 1]), np.array([[0.5, 0.5], [0.75, 0.25]]))
    {'accuracy': 0.5, 'cross-entropy': 1.0397207708399179}
    """
    right = probabilities.argmax(axis=1) == indices
    p = np.clip(probabilities[np.arange(len(indices)), indices], 1e-15, 1.0)
    return {"accuracy": float(right.mean()), "cross-entropy": float(-np.log(p).mean())}


def evaluate(target: Target, outputs: np.ndarray, encoded: np.ndarray) -> Metrics:
    """The metrics of (N, outputs) model outputs against the encoded target, in the target's own unit."""
    if target.is_regression:
        return regression(target.numbers(encoded), target.numbers(outputs))
    return classification(_indices(encoded), target.probabilities(outputs))


def baseline(target: Target, training: np.ndarray, encoded: np.ndarray) -> Metrics:
    """The metrics of answering every row of ``encoded`` alike: with the mean, or with the class frequencies.

    Both constants are taken from the ``training`` rows, as a model's weights are.
    """
    if target.is_regression:
        y = target.numbers(encoded)
        return regression(y, np.full_like(y, target.numbers(training).mean()))
    frequencies = np.bincount(_indices(training), minlength=len(target.classes)) / len(training)
    return classification(_indices(encoded), np.tile(frequencies, (len(encoded), 1)))


def baseline_name(target: Target, training: np.ndarray) -> str:
    """The trivial answer in words: ``always 4,201.8 (the mean)``, ``always 'Adelie' (the most frequent)``."""
    if target.is_regression:
        return f"always {target.numbers(training).mean():,.5g} (the mean)"
    label = target.classes[int(np.bincount(_indices(training), minlength=len(target.classes)).argmax())]
    return f"always {label!r} (the most frequent)"


def _indices(encoded: np.ndarray) -> np.ndarray:
    """Class indices from either encoding, (N,) or (N, 1)."""
    return encoded.reshape(-1).astype(np.int64)
