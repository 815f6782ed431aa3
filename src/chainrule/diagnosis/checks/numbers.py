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
    return sure(
        "D32", trouble.line if trouble.line.file else line,
        f"{what} is not finite; {origin(trouble)}",
        FIXES.get(trouble.op, "keep the operands within the range where the operation has a value and a slope"),
        op=trouble.op, kind=trouble.what, direction=trouble.where, **trouble.operands,
    )  # fmt: skip


def origin(trouble: Trouble) -> str:
    """Where finite numbers became something else, with the numbers.

    >>> from chainrule.diagnosis.lines import NOWHERE
    >>> print(origin(Trouble("nan", "Div", NOWHERE, 0, {"entries": 3, "of": 6, "operand 1": 0.0, "operand 2": 0.0})))
    the first nan came out of Div, given 0 and 0 (3 of 6 entries)
    """
    facts = trouble.operands
    given = " and ".join(told(value) for name, value in facts.items() if name.startswith("operand"))
    many = f"{facts['entries']} of {facts['of']} entries" if "of" in facts else counted(facts["entries"])
    if trouble.where == "forward":
        return f"the first {trouble.what} came out of {trouble.op}, given {given} ({many})"
    result = told(facts["result"]) if "result" in facts else ""
    about = "".join([f", given {given}"] * bool(given) + [f", with the result {result}"] * bool(result))
    return f"the first {trouble.what} came up on the way back through {trouble.op}{about} ({many})"


def told(value: Any) -> str:
    """A number; of several, from where to where."""
    if isinstance(value, list):
        return f"numbers from {value[0]:.4g} to {value[-1]:.4g}"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def counted(n: int) -> str:
    return f"{n} entr{'y' if n == 1 else 'ies'}"
