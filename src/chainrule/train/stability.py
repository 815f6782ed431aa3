"""The largest learning rate with which training does not diverge.

Near a point, gradient descent multiplies the error along each eigenvector of the Hessian H = ∂²L/∂w² by 1 − η λ. That
stays below 1 in size as long as η < 2 / λ for the largest eigenvalue λ. With momentum β the bound is 2 (1 + β) / λ
(Polyak 1964). A linear model with a squared loss has one Hessian everywhere, so the bound is exact there; elsewhere it
holds where it is measured: at the parameters before the first step.

Methods that divide by the size of past gradients have no such bound; for them, smaller rates are tried.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import chainrule as cr
from chainrule.tensors.autograd import grad
from chainrule.train.loop import NotFinite, Trainer, epoch_seed, tensor
from chainrule.train.state import State

MOST_BATCHES = 32  # batches whose curvature is measured
MOST_STEPS = 40  # Lanczos steps: the outermost eigenvalues settle long before the others
TRIAL_EPOCHS = 3


@dataclass(frozen=True)
class StableRate:
    """The bound and where it comes from, as half a sentence."""

    rate: float
    reason: str


def largest_stable_rate(trainer: Trainer, start: State) -> StableRate | None:
    """The largest stable learning rate from the parameters in ``start``, to which the trainer is returned.

    None where no rate that was tried lowers the loss.
    """
    start.put(trainer.model, trainer.optimizer)
    group = trainer.optimizer.param_groups[0]
    plain = type(trainer.optimizer).__name__ == "SGD" and not group["dampening"] and not group["weight_decay"]
    if plain and not group["nesterov"]:
        found = _from_curvature(trainer, group["momentum"])
        if found is not None:
            return found
    return _from_trials(trainer, start)


def _from_curvature(trainer: Trainer, momentum: float) -> StableRate | None:
    curvature = max(_batch_curvatures(trainer))
    if not (curvature > 0 and math.isfinite(curvature)):
        return None
    bound = 2 * (1 + momentum) / curvature
    formula = f"2 (1 + {momentum:g}) / λ" if momentum else "2 / λ"
    return StableRate(bound, f"{formula}, where λ = {curvature:.4g} is the largest curvature of the loss")


def _batch_curvatures(trainer: Trainer) -> Iterator[float]:
    """λ of each of the first epoch's batches: a step on one batch knows nothing of the others."""
    x, y = tensor(trainer.training.x), tensor(trainer.training.y)
    trainer.model.eval()  # dropout off: one Hessian, not a random one
    cr.manual_seed(epoch_seed(trainer.seed, 1))
    for number, rows in enumerate(trainer.batches()):
        if number == MOST_BATCHES:
            break
        batch_x, batch_y = (x, y) if rows is None else (x[rows], y[rows])
        yield largest_curvature(trainer.model, trainer.loss(trainer.model(batch_x), batch_y))


def largest_curvature(model: Any, loss: Any) -> float:
    """The largest eigenvalue of the Hessian of ``loss``, a scalar with a graph, in the parameters of ``model``.

    H itself is never built. A product H v is the gradient of (∂L/∂w · v): a backward pass through the backward pass.
    """
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    gradients = grad(loss, parameters, create_graph=True)
    sizes = [parameter.numel() for parameter in parameters]

    def product(v: np.ndarray) -> np.ndarray:
        parts = np.split(v, np.cumsum(sizes)[:-1])
        directions = [
            cr.from_numpy(part.reshape(tuple(p.shape)).astype(p.detach().numpy().dtype))
            for part, p in zip(parts, parameters, strict=True)
        ]
        dot = sum((g * d).sum() for g, d in zip(gradients, directions, strict=True))
        rows = grad(dot, parameters, retain_graph=True, allow_unused=True)
        return np.concatenate(
            [np.zeros(n) if row is None else row.numpy().reshape(-1) for row, n in zip(rows, sizes, strict=True)]
        ).astype(np.float64)

    return largest_eigenvalue(product, sum(sizes))


def largest_eigenvalue(product: Callable[[np.ndarray], np.ndarray], size: int) -> float:
    """The largest eigenvalue of a symmetric matrix known by its products with a vector (Lanczos 1950).

    Power iteration that keeps its vectors: in the basis Q of v, H v, H² v, … the matrix is a small one, T = Qᵀ H Q,
    whose outer eigenvalues are soon those of H.

    >>> round(largest_eigenvalue(lambda v: np.array([-5.0, 1.0, 3.0]) * v, 3), 9)
    3.0
    """
    q = np.random.default_rng(0).standard_normal(size)
    basis = [q / np.linalg.norm(q)]
    images: list[np.ndarray] = []
    for _ in range(min(size, MOST_STEPS)):
        image = product(basis[-1])
        images.append(image)
        rest = image
        for _ in range(2):  # once is not orthogonal enough in floating point
            rest = rest - sum((b @ rest) * b for b in basis)
        length = np.linalg.norm(rest)
        if not length > 1e-6 * np.linalg.norm(image):
            break
        basis.append(rest / length)
    q_matrix = np.array(basis[: len(images)])
    t = q_matrix @ np.array(images).T
    return float(np.linalg.eigvalsh((t + t.T) / 2)[-1]) if np.isfinite(t).all() else math.inf


def _from_trials(trainer: Trainer, start: State) -> StableRate | None:
    """Divide the rate by 10 until a few epochs lower the loss."""
    before = trainer.mean_loss(trainer.training)
    asked = trainer.optimizer.param_groups[0]["lr"]
    rates = [asked / 10**k for k in range(1, 41)]
    try:
        for rate in rates:
            start.put(trainer.model, trainer.optimizer)
            for group in trainer.optimizer.param_groups:
                group["lr"] = rate
            if _lowers_the_loss(trainer, before):
                return StableRate(rate, f"of {asked:g} / 10, / 100, … it is the first that lowers the loss")
    finally:
        start.put(trainer.model, trainer.optimizer)
    return None


def _lowers_the_loss(trainer: Trainer, before: float) -> bool:
    try:
        for _ in trainer.epochs(1, TRIAL_EPOCHS):
            pass
    except NotFinite:
        return False
    return trainer.mean_loss(trainer.training) < before
