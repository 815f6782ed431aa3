"""Gradients that are never zeroed, or at the wrong moment."""

from __future__ import annotations

from collections.abc import Iterator

from ..finding import Finding, sure
from ..record import Run


def check(run: Run) -> Iterator[Finding]:
    yield from never_zeroed(run)
    yield from by_hand(run)
    yield from zeroed_too_early(run)


def never_zeroed(run: Run) -> Iterator[Finding]:
    """A step used a gradient that had already been used, with a new one added to it.

    Several passes between two steps are accumulation, and meant: what counts is whether the sum is emptied after a step.
    """
    for steps in run.optimizers:
        if steps.spoilt:
            yield sure(
                "D01", steps.step_line,
                f"{steps.spoilt} of {steps.count} steps used gradients with those of earlier steps still added in",
                "optimizer.zero_grad() before each loss.backward()",
                steps=steps.count, spoilt=steps.spoilt, zero_grad_calls=steps.zeroings,
            )  # fmt: skip


def by_hand(run: Run) -> Iterator[Finding]:
    held = {id(p) for steps in run.optimizers for p in steps.weights()}
    for w in run.weights.values():
        if w.spoilt >= 2 and id(w.tensor) not in held:
            yield sure(
                "D01", run.passes[-1].line,
                f"{run.name_of(w)} was updated {w.updates} times, {w.spoilt} of them with old gradients added in",
                "w.grad = None (or w.grad.zero_()) after each update",
                updates=w.updates, spoilt=w.spoilt,
            )  # fmt: skip
            return


def zeroed_too_early(run: Run) -> Iterator[Finding]:
    for steps in run.optimizers:
        late = steps.empty_after_backward
        if late and 2 * late >= steps.count and not steps.before_any_backward:
            yield sure(
                "D02", steps.zeroed if steps.zeroed.file else steps.step_line,
                f"at {late} of {steps.count} steps all gradients were empty, although backward had filled them",
                "optimizer.zero_grad(); loss.backward(); optimizer.step(), in this order",
                steps=steps.count, empty=late,
            )  # fmt: skip
