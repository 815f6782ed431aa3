"""The first NaN or infinity that reached a loss or a gradient, and the operands that made it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..finding import Finding, sure
from ..record import Run, Trouble

FIXES = {
    "Log": "torch.log(x.clamp(min=1e-12)), or log_softmax, logsigmoid, which never form the small number",
    "Sqrt": "torch.sqrt(x + 1e-12): the slope of the root is infinite at 0",
    "Div": "x / (y + 1e-12), or torch.where with a safe divisor",
    "Exp": "subtract the maximum first, x - x.max(), or torch.logsumexp, softmax",
    "Pow": "x.clamp(min=1e-12) ** p",
    "VectorNorm": "torch.sqrt((x * x).sum() + 1e-12): the slope of the norm is undefined at 0",
}


def check(run: Run) -> Iterator[Finding]:
    loss, gradient = run.notes.get("loss"), run.notes.get("gradient")
    if gradient is not None and not any(w.model or w.moves or w.updates for w in gradient["weights"]):
        gradient = None  # a derivative taken for its own sake may well be infinite
    if gradient is not None and (loss is None or gradient["trouble"] is not None):
        yield made(gradient["trouble"], gradient["line"], "a gradient")
    elif loss is not None:
        yield made(loss["trouble"], loss["line"], f"the loss (pass {loss['pass']})", loss["value"])
    elif run.notes.get("result"):
        found = run.notes["result"]
        yield made(found, found.line, "a result")


def made(trouble: Trouble | None, line: Any, what: str, value: float | None = None) -> Finding:
    if trouble is None:
        return sure(
            "D32", line,
            f"{what} is {value if value is not None else 'not finite'}, and no operation of the program made it: it was in the data or "
            "the weights",
            "torch.isfinite(x).all() on the data before training",
            value=value,
        )  # fmt: skip
    numbers = ", ".join(
        f"{k} {v if not isinstance(v, float) else format(v, '.4g')}" for k, v in trouble.operands.items() if k != "of"
    )
    way = "forward" if trouble.where == "forward" else "on the way back through"
    return sure(
        "D32", trouble.line if trouble.line.file else line,
        f"{what} is not finite; the first {trouble.what} was made {way} {trouble.op}: {numbers}",
        FIXES.get(trouble.op, "keep the operands within the range where the operation has a value and a slope"),
        op=trouble.op, kind=trouble.what, direction=trouble.where, **trouble.operands,
    )  # fmt: skip
