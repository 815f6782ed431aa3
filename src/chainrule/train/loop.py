"""The training loop: epochs of minibatches, each a forward pass, a backward pass and an update.

Once there have been many, an epoch is one call of machine code (native.py); what it computes is the same, to rounding.

``epochs`` is a generator: what the loop has to announce is what it yields, and whoever iterates over it prints, saves
or stops. Between two epochs the model and the optimizer are complete; an exception leaves the caller with the state of
the last epoch it saw (see state.py).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import chainrule as cr
from chainrule.train.metrics import Metrics, evaluate
from chainrule.train.native import PAYS, Native
from chainrule.train.target import Target

Tensor = Any
MANY_ROWS = 4096  # rows in one forward pass where no gradient is kept
BLOWN_UP = 1e6  # a loss so many times the first one is on its way to infinity


@dataclass(frozen=True)
class Rows:
    """Encoded rows: ``x`` (N, …) features, ``y`` (N, 1) or (N,) as the loss takes it."""

    x: np.ndarray
    y: np.ndarray

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Epoch:
    """What happened in one pass over the training rows.

    ``loss`` is the mean over the rows, each measured before its batch's update, as in a loop written by hand; it and
    ``held_out_loss`` are in the target's own unit (squared, for a regression).
    """

    number: int
    loss: float
    held_out_loss: float | None
    held_out: Metrics
    seconds: float


class NotFinite(ArithmeticError):
    """The loss or a parameter left the finite numbers, or the loss is on its way out of them."""

    def __init__(self, epoch: int, loss: float) -> None:
        super().__init__(f"the loss reached {loss:g} in epoch {epoch}")
        self.epoch, self.loss = epoch, loss


@dataclass
class Trainer:
    """A model, its loss and its optimizer, with the rows to learn from and the rows held out."""

    model: Any
    loss: Any
    optimizer: Any
    target: Target
    training: Rows
    held_out: Rows
    batch_size: int
    seed: int
    native: Native | None = field(default=None, init=False)

    def epochs(self, first: int, last: int) -> Iterator[Epoch]:
        """Train from epoch ``first`` to ``last``, both included.

        Raises:
            NotFinite: the loss grew without bound.
        """
        limit = BLOWN_UP * max(self.mean_loss(self.training), 1.0)
        for number in range(first, last + 1):
            started = time.perf_counter()
            loss = self._epoch(number, limit)
            held_out_loss = self.mean_loss(self.held_out) if len(self.held_out) else None
            if not (math.isfinite(held_out_loss or 0.0) and all_finite(self.model)):
                raise NotFinite(number, math.inf if held_out_loss is None else held_out_loss)
            unit = self.target.std**2
            yield Epoch(
                number,
                loss * unit,
                None if held_out_loss is None else held_out_loss * unit,
                self.metrics(self.held_out),
                time.perf_counter() - started,
            )

    def _epoch(self, number: int, limit: float) -> float:
        """One pass over the training rows in a new order; returns the mean loss."""
        self.model.train()
        native = self.by_machine_code(number)
        # Seeded anew for each epoch, so that a resumed run draws the same order and the same dropout masks.
        cr.manual_seed(epoch_seed(self.seed, number))
        total, n = 0.0, len(self.training)
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows is found by its value
            losses = self.steps() if native is None else native.epoch(self.order())
            for start, value in zip(range(0, n, self.batch_size), losses, strict=True):
                if not value <= limit:  # also true of NaN
                    raise NotFinite(number, value)
                total += value * min(self.batch_size, n - start)
        return total / n

    def by_machine_code(self, number: int) -> Native | None:
        """What takes an epoch as one call, where there were enough steps before it to make that worth while."""
        if (number - 1) * -(-len(self.training) // self.batch_size) < PAYS:
            return None
        if self.native is None:
            self.native = Native(self)
        return self.native if self.native.ready else None

    def steps(self) -> Iterator[float]:
        """The loss of each minibatch."""
        x, y = tensor(self.training.x), tensor(self.training.y)
        for rows in self.batches():
            yield self.step(*((x, y) if rows is None else (x[rows], y[rows])))

    def batches(self) -> Iterator[Tensor | None]:
        """The row numbers of each minibatch, drawn without replacement; None is all rows as they stand."""
        order = self.order()
        if order is None:
            yield None
            return
        for start in range(0, len(order), self.batch_size):
            yield order[start : start + self.batch_size]

    def order(self) -> Tensor | None:
        """The rows in a new order; None where a minibatch is all of them."""
        return None if self.batch_size >= len(self.training) else cr.randperm(len(self.training))

    def step(self, x: Tensor, y: Tensor) -> float:
        """Forward, backward, update; returns the loss before the update."""
        self.optimizer.zero_grad()
        loss = self.loss(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        return float(loss.item())

    def mean_loss(self, rows: Rows) -> float:
        """The loss over all ``rows`` with the parameters as they stand, as the optimizer sees it (scaled)."""
        total = 0.0
        with np.errstate(over="ignore", invalid="ignore"), cr.no_grad():
            self.model.eval()
            for start in range(0, len(rows), MANY_ROWS):
                x, y = rows.x[start : start + MANY_ROWS], rows.y[start : start + MANY_ROWS]
                total += float(self.loss(self.model(tensor(x)), tensor(y)).item()) * len(x)
        return total / len(rows)

    def metrics(self, rows: Rows) -> Metrics:
        """The metrics over ``rows``, in the target's own unit; none where there are no rows."""
        return evaluate(self.target, outputs(self.model, rows.x), rows.y) if len(rows) else {}


def outputs(model: Any, x: np.ndarray) -> np.ndarray:
    """(N, …) features → (N, outputs) numbers, in evaluation mode and without a graph."""
    model.eval()
    with cr.no_grad():
        parts = [model(tensor(x[start : start + MANY_ROWS])).numpy() for start in range(0, len(x), MANY_ROWS)]
    return np.concatenate(parts)


def tensor(array: np.ndarray) -> Tensor:
    return cr.from_numpy(array)


def all_finite(model: Any) -> bool:
    return all(np.isfinite(parameter.detach().numpy()).all() for parameter in model.parameters())


def epoch_seed(seed: int, epoch: int) -> int:
    """A seed for each epoch, far from those of other epochs and other seeds."""
    return int(np.random.SeedSequence([seed, epoch]).generate_state(1)[0])
