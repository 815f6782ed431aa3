"""Steps that are not taken, or before there is anything to step along."""

from __future__ import annotations

from collections.abc import Iterator

from ..finding import Finding, sure
from ..record import Run


def check(run: Run) -> Iterator[Finding]:
    for steps in run.optimizers:
        if steps.before_any_backward and steps.passes >= 2 and not steps.closures:
            yield sure(
                "D03", steps.step_line,
                f"the first step came before any backward pass; {steps.empty} of {steps.count} steps had no gradient",
                "loss.backward() first, then optimizer.step()",
                steps=steps.count, without_gradient=steps.empty, passes=steps.passes,
            )  # fmt: skip
        if not steps.count and not steps.left_out and steps.passes >= 2 and not moved(run, steps):
            yield sure(
                "D04", steps.line,
                f"{steps.passes} backward passes filled the gradients of this {steps.kind}'s parameters; step() was never called",
                "optimizer.step() after each loss.backward()",
                passes=steps.passes, steps=0,
            )  # fmt: skip


def moved(run: Run, steps: object) -> bool:
    """Whether the program changes the parameters itself."""
    found = [run.weights.get(p.node) for p in steps.weights()]  # type: ignore[attr-defined]
    return any(w is not None and w.moves for w in found)
