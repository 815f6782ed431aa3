"""Gradients written by hand, held against differences of what they are the gradients of."""

from __future__ import annotations

from collections.abc import Iterator

from ..finding import Finding, sure
from ..record import Run


def check(run: Run) -> Iterator[Finding]:
    for found in run.byhand:
        yours, true = found["yours"], found["true"]
        ratios = [y / t for y, t in zip(yours, true) if t]
        constant = ratios and max(ratios) - min(ratios) < 1e-3 * abs(ratios[0]) and abs(ratios[0]) > 1e-9
        factor = f": it is {ratios[0]:.4g} times what it should be" if constant else ""
        what = f"{found['function']}.backward, argument {found['argument']}" if "function" in found else found["what"]
        yield sure(
            "D33", found["line"],
            f"{what} gives a slope of {yours[0]:.6g} where differences of the forward give {true[0]:.6g}{factor}",
            found.get("fix", "torch.autograd.gradcheck(Function.apply, inputs) in float64 while writing it"),
            yours=yours, true=true,
        )  # fmt: skip
