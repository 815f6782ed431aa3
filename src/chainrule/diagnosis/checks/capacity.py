"""A model that does not learn what a straight line, or a parabola, finds in the same samples."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..finding import Finding, sure
from ..record import Batch, Run
from .series import losses

PASSES = 30
SAMPLES = 20
BEYOND = "the labels beyond the commonest"


def check(run: Run) -> Iterator[Finding]:
    series = max(losses(run).values(), key=len, default=[])
    batches = [b for b in run.batches if b.x.ndim == 2 and b.at >= 0.8 * len(run.passes)]
    if len(series) < PASSES or not batches or not all(np.isfinite(series)) or falling(series):
        return
    batch = max(batches, key=lambda b: len(b.x))
    if len(batch.x) < SAMPLES or batch.x.shape[1] > 30 or batch.x.dtype.kind != "f":
        return
    judged = judge(batch)
    if judged is None:
        return
    what, simple, model = judged
    if simple - model > 0.35:
        yield sure(
            "D36", batch.line,
            f"after {len(series)} passes the model explains {max(model, 0):.0%} of {what} in {len(batch.x)} samples it was trained on; "
            f"least squares on their features, squares and products explains {simple:.0%}",
            "a hidden layer with a nonlinearity that is not the last one; then overfit a single batch before training on all",
            passes=len(series), model=model, least_squares=simple, samples=len(batch.x),
        )  # fmt: skip


def falling(series: list[float]) -> bool:
    """Whether the last third of the passes still lowered the loss by more than a tenth.

    >>> falling([3.0] * 10 + [2.0] * 10 + [1.0] * 10), falling([3.0] * 10 + [1.0] * 20)
    (True, False)
    """
    third = len(series) // 3
    before, after = np.mean(series[-2 * third : -third]), np.mean(series[-third:])
    return bool(after < 0.9 * before)


def judge(batch: Batch) -> tuple[str, float, float] | None:
    """(what is predicted, the share least squares explains, the share the model explains)."""
    x, y, p = batch.x.astype(float), batch.y, batch.prediction.astype(float)
    n = len(x)
    basis = features(x)
    if basis.shape[1] * 2 > n or len(p) != n:
        return None
    if batch.loss in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss") and p.shape == y.shape and y.size == n:
        target = y.astype(float).reshape(n)
        fit = basis @ np.linalg.lstsq(basis, target, rcond=None)[0]
        return "the variance", explained(fit, target), explained(p.reshape(n), target)
    if batch.loss == "cross_entropy" and y.ndim == 1 and y.dtype.kind in "iu" and p.ndim == 2:
        target = np.eye(p.shape[1])[y]
        fit = basis @ np.linalg.lstsq(basis, target, rcond=None)[0]
        most = np.bincount(y).max() / n
        return BEYOND, beyond((fit.argmax(1) == y).mean(), most), beyond((p.argmax(1) == y).mean(), most)
    if batch.loss.startswith("binary_cross_entropy") and y.size == n == p.size and set(np.unique(y)) <= {0, 1}:
        label = y.reshape(n) > 0.5
        fit = basis @ np.linalg.lstsq(basis, label.astype(float), rcond=None)[0] > 0.5
        cut = 0.0 if batch.loss.endswith("logits") else 0.5
        most = max(label.mean(), 1 - label.mean())
        return BEYOND, beyond((fit == label).mean(), most), beyond(((p.reshape(n) > cut) == label).mean(), most)
    return None


def features(x: np.ndarray) -> np.ndarray:
    """1, the features scaled, their squares and products."""
    spread = x.std(0)
    z = ((x - x.mean(0)) / np.where(spread > 0, spread, 1))[:, :8]
    pairs = [z[:, i] * z[:, j] for i in range(z.shape[1]) for j in range(i, z.shape[1])]
    return np.column_stack([np.ones(len(x)), z, *pairs])


def explained(fit: np.ndarray, target: np.ndarray) -> float:
    """R² = 1 − Σ(y − ŷ)²/Σ(y − ȳ)²"""
    total = ((target - target.mean()) ** 2).sum()
    return float(1 - ((fit - target) ** 2).sum() / total) if total > 0 else 1.0


def beyond(accuracy: float, most: float) -> float:
    """The share of what is left above guessing the commonest class."""
    return float((accuracy - most) / (1 - most)) if most < 1 else 1.0
