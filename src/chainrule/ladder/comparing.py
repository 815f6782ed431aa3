"""Do two rungs agree, step by step? If not: at which step do they part, in which of the four parts, and why?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .check_rung import gradient_check
from .checking import GradientCheck
from .rungs import HAND, Rung
from .table import Table
from .training import Run, Step, Training, Values

__all__ = ["Comparison", "compare"]

NEAR = 1e-5  # of the largest value in the run: about a hundred times what float32 rounds off


@dataclass(frozen=True)
class Comparison:
    """Two rungs side by side. ``parts_at`` is the first step at which they differ, None if they never do.

    ``part`` is where: ``"start"``, ``"prediction"``, ``"gradients"``, ``"loss"``, ``"updates"``, or ``"stopped"``.
    ``apart`` is the largest relative difference of parameters, gradients and losses over the steps compared. ``check``
    is the gradient check that explains a wrong gradient.
    """

    one: str
    other: str
    steps: int
    apart: float
    parts_at: int | None = None
    part: str = ""
    why: str = ""
    check: GradientCheck | None = None

    def __bool__(self) -> bool:
        return self.parts_at is None

    def __str__(self) -> str:
        if self:
            exactly = "bit for bit" if self.apart == 0 else f"to {self.apart:.1g} of the largest value"
            return f"{self.one} agrees with {self.other} at each of {self.steps} steps, {exactly}"
        return f"{self.one} parts from {self.other} at step {self.parts_at}: {self.why}"


def compare(one: Run, other: Run, table: Table, lr: float) -> Comparison:
    """Hold ``one`` against ``other``.

    >>> from .rungs import rung
    >>> from .table import documents
    >>> from .training import train
    >>> by_hand, summed, autograd = (train(rung(name), documents(), 20, 0.01) for name in (1, "1d", 2))
    >>> bool(compare(by_hand, autograd, documents(), 0.01))
    True
    >>> print(str(compare(summed, autograd, documents(), 0.01)).replace("; ", ";\\n"))
    rung 1d parts from rung 2 at step 1: its gradient is 4.000 times the true one at every point tried;
    the loss takes a mean over N = 4;
    its gradient takes a sum
    """
    names = title(one.rung), title(other.rung)
    scales = _scales(other)
    apart = 0.0
    for a, b in zip(one.steps, other.steps, strict=False):
        part, apart = _first_difference(a, b, scales, apart)
        if part:
            part, why, check = _Why(one, other, table, lr).told(part, a, b)
            return Comparison(*names, a.number - 1, apart, a.number, part, why, check)
    if one.stopped:
        stop = f"it stops there ({one.stopped})"
        check = gradient_check(one.rung, table, lr)
        why = stop if check is None or check.ok else f"{stop}; {_of(check, 'its')}"
        return Comparison(*names, len(one.steps), apart, len(one.steps) + 1, "stopped", why, check)
    return Comparison(*names, min(len(one.steps), len(other.steps)), apart)


def title(rung: Rung) -> str:
    """``rung 1``, or the name of one's own."""
    return f"rung {rung.name or 'own'}"


def flat(values: Values) -> np.ndarray:
    """All entries of all parameters in order, so that ``w, b`` and ``weight, bias`` compare."""
    return np.concatenate([np.ravel(value) for value in values.values()]) if values else np.zeros(0)


def _scales(run: Run) -> dict[str, float]:
    def largest(numbers: list[float]) -> float:
        finite = [n for n in numbers if np.isfinite(n)]
        return max(finite, default=0.0) or 1.0

    return {
        "parameters": largest([float(np.abs(flat(step.after)).max()) for step in run.steps]),
        "loss": largest([abs(step.loss) for step in run.steps]),
        "gradients": largest([float(np.abs(flat(step.gradients)).max()) for step in run.steps]),
    }


def _first_difference(a: Step, b: Step, scales: dict[str, float], apart: float) -> tuple[str, float]:
    """The first of a step's parts that differs by more than `NEAR`, and the largest difference up to there."""
    for part, one, other, scale in (
        ("start", flat(a.before), flat(b.before), scales["parameters"]),
        ("loss", np.array([a.loss]), np.array([b.loss]), scales["loss"]),
        ("gradients", flat(a.gradients), flat(b.gradients), scales["gradients"]),
        ("updates", flat(a.after), flat(b.after), scales["parameters"]),
    ):
        if one.shape != other.shape:
            return part, apart
        with np.errstate(all="ignore"):
            difference = np.abs(one - other) / np.maximum(scale, np.abs(other))
        # Near float32's largest number, rounding decides at which step ∞ and then NaN come.
        overflowed = ~np.isfinite(one + other) & ((np.fmax(np.abs(one), np.abs(other)) > 1e36) | np.isnan(one * other))
        difference = np.where((one == other) | overflowed, 0.0, difference)
        if not np.all(difference <= NEAR):
            return part, apart
        apart = max(apart, float(np.max(difference, initial=0.0)))
    return "", apart


class _Why:
    """Why two runs part, read off the numbers of the step at which they do."""

    def __init__(self, one: Run, other: Run, table: Table, lr: float) -> None:
        self.one, self.other, self.table, self.lr = one, other, table, lr

    def told(self, part: str, a: Step, b: Step) -> tuple[str, str, GradientCheck | None]:
        """The part to blame (a loss may differ for its prediction), why, and the check that shows it."""
        if part == "start":
            return part, self._start(a, b), None
        if part == "loss":
            why = self._prediction(a, b)
            return ("prediction", why, None) if why else (part, self._loss(a, b), None)
        if part == "gradients":
            return part, *self._gradients(a, b)
        return part, self._update(a, b), None

    def _start(self, a: Step, b: Step) -> str:
        if flat(a.before).shape != flat(b.before).shape:
            ours, theirs = (", ".join(f"{n} = {short(v)}" for n, v in step.before.items()) for step in (a, b))
            return f"it has the parameters {ours}, {title(self.other.rung)} has {theirs}"
        ours, theirs = (", ".join(short(v) for v in step.before.values()) for step in (a, b))
        return f"it starts at {', '.join(a.before)} = {ours}, {title(self.other.rung)} at {theirs}"

    def _prediction(self, a: Step, b: Step) -> str:
        ours, theirs = (self._predicted(run, step) for run, step in ((self.one, a), (self.other, b)))
        if np.allclose(ours, theirs, rtol=NEAR, atol=NEAR * float(np.max(np.abs(theirs), initial=1e-30))):
            return ""
        worst = int(np.argmax(np.abs(ours - theirs)))
        return (
            f"from the same parameters it predicts {ours[worst]:.6g} for sample {worst + 1}, "
            f"{title(self.other.rung)} {theirs[worst]:.6g}"
        )

    def _loss(self, a: Step, b: Step) -> str:
        text = (
            f"of the same prediction its loss ({self.one.labels['loss']}) is {a.loss:.6g}, "
            f"that of {title(self.other.rung)} ({self.other.labels['loss']}) {b.loss:.6g}"
        )
        if not b.loss:
            return text
        ratio, n = a.loss / b.loss, len(self.table.y)
        sizes = {n: f" (N = {n}: a sum, not a mean)", 1 / n: f" (1/N, N = {n}: a mean, not a sum)"}
        size = next((words for value, words in sizes.items() if abs(ratio / value - 1) < 1e-4), "")
        return f"{text}, {ratio:.3f} times as much{size}"

    def _gradients(self, a: Step, b: Step) -> tuple[str, GradientCheck | None]:
        for run, whose in ((self.one, "its"), (self.other, f"{title(self.other.rung)}'s")):
            check = gradient_check(run.rung, self.table, self.lr, a.before if run is self.one else b.before)
            if check is not None and not check.ok:
                return _of(check, whose), check
        ours, theirs = (", ".join(short(v) for v in step.gradients.values()) for step in (a, b))
        return (
            f"its gradient is {ours}, that of {title(self.other.rung)} {theirs}; each is right for its own loss",
            None,
        )

    def _update(self, a: Step, b: Step) -> str:
        rules = self.one.labels["updates"], self.other.labels["updates"]
        times = [self._times(step) for step in (a, b)]
        by_hand = self.one.rung.updates == HAND or self.one.labels["updates"].endswith(("()", HAND))
        if by_hand and times[0] is not None and times[1] is not None and abs(times[1] - 1) < 1e-3:
            if abs(times[0] + 1) < 1e-3:
                return "its update adds lr · gradient, where descent subtracts it"
            if abs(times[0] * self.lr - 1) < 1e-3:
                return f"its update subtracts the gradient itself, not lr = {self.lr:g} of it"
            return f"its update subtracts {times[0]:.3f} times lr · gradient"
        moved = [short(flat(step.after) - flat(step.before)) for step in (a, b)]
        return (
            f"the same gradient moves its parameters by {moved[0]} ({rules[0]}), "
            f"those of {title(self.other.rung)} by {moved[1]} ({rules[1]})"
        )

    def _times(self, step: Step) -> float | None:
        """The factor between the move that a step made and −lr · gradient, if it is one factor."""
        moved, expected = flat(step.after) - flat(step.before), -self.lr * flat(step.gradients)
        if not np.any(expected):
            return None
        times = float(np.sum(moved * expected) / np.sum(expected * expected))
        near = 1e-3 * np.max(np.abs(expected)) * max(1.0, abs(times))
        return times if np.all(np.abs(moved - times * expected) <= near) else None

    def _predicted(self, run: Run, step: Step) -> np.ndarray:
        return Training(run.rung, self.table, self.lr).predicted_at(step.before)


def _of(check: GradientCheck, whose: str) -> str:
    return check.message.replace("your gradient", f"{whose} gradient")


def short(value: np.ndarray | float) -> str:
    """A parameter in a cell: three decimals, and the first few of many.

    >>> short(np.array([[0.25]])), short(np.arange(6.0))
    ('0.250', '[0.000, 1.000, …, 5.000]')
    """
    entries = [f"{entry:.3f}" if abs(entry) < 1e5 else f"{entry:.3e}" for entry in np.ravel(value)]
    if len(entries) == 1:
        return entries[0]
    return f"[{', '.join(entries if len(entries) <= 3 else [*entries[:2], '…', entries[-1]])}]"
