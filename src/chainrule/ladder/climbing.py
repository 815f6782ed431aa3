"""Climb: train every rung on the same data from the same start, hold them side by side, and say where they part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..base.errors import message
from .comparing import Comparison, compare, short, title
from .rungs import AUTO, Rung, classic, rung
from .sheet import Sheet, as_text
from .table import Table, documents
from .training import Run, train

__all__ = ["Climb", "climb"]

LINES = 10  # steps shown


@dataclass(frozen=True)
class Climb:
    """What climbing showed: each rung's run, and all but the ``reference`` compared with it. Prints as a table."""

    table: Table
    lr: float
    runs: tuple[Run, ...]
    reference: Run
    comparisons: tuple[Comparison, ...]
    notes: tuple[str, ...]

    @property
    def agree(self) -> bool:
        """Whether all rungs computed the same, step by step."""
        return all(self.comparisons)

    def sheet(self) -> Sheet:
        """The table's cells, for whoever draws it."""
        header = ["", *(title(run.rung) for run in self.runs)]
        whose = [[slot, *(run.labels[slot] for run in self.runs)] for slot in self.runs[0].labels]
        asked = [
            [f"{self.table.question} {when}", *(self._asked(run, when) for run in self.runs)]
            for when in ("before", "after")
        ]
        shown = self._shown()
        columns = [["", *(f"step {number}" for number in shown)], *(_columns(run, shown) for run in self.runs)]
        steps = [list(row) for row in zip(*columns, strict=True)]
        return Sheet(self._title(), header, [whose, asked[:1], steps, asked[1:]])

    def verdict(self) -> list[str]:
        """What was proved, a sentence each."""
        agreeing = [comparison for comparison in self.comparisons if comparison]
        lines = [str(comparison) for comparison in self.comparisons if not comparison]
        if agreeing:
            names = [
                run
                for run in (title(r.rung) for r in self.runs)
                if run not in {c.one for c in self.comparisons if not c}
            ]
            apart = max(comparison.apart for comparison in agreeing)
            exactly = "bit for bit" if apart == 0 else f"to {apart:.1g} of the largest value"
            lines.insert(
                0,
                f"{', '.join(names[:-1])} and {names[-1]} agree at each of {agreeing[0].steps} steps, {exactly}: "
                "the same losses, gradients and parameters",
            )
        return [*lines, *self.notes]

    def __str__(self) -> str:
        return "\n".join([as_text(self.sheet()), "", *(f"- {line}" for line in self.verdict())])

    def __repr__(self) -> str:
        count = sum(not comparison for comparison in self.comparisons)
        found = "all agree" if not count else f"{count} of them part from {title(self.reference.rung)}"
        return f"<Climb: {len(self.runs)} rungs, {len(self.reference.steps)} steps, {found}>"

    def _title(self) -> str:
        steps = max(len(run.steps) for run in self.runs)
        return f"{self.table.formula}, {len(self.table.y)} samples, {steps} steps, lr = {self.lr:g}"

    def _asked(self, run: Run, when: str) -> str:
        return f"{run.asked_before if when == 'before' else run.asked_after:.3f}"

    def _shown(self) -> list[int]:
        last = max(len(run.steps) for run in self.runs)
        return sorted({*range(1, last + 1, max(1, -(-last // LINES))), last} - {0})


def climb(
    rungs: Sequence[Rung | str | int] | None = None,
    table: Table | None = None,
    *,
    epochs: int = 20,
    lr: float = 0.01,
    show: bool = True,
) -> Climb:
    """Train each rung for ``epochs`` steps at learning rate ``lr``, print them side by side, and compare them.

    Args:
        rungs: `Rung`s, or names of ready-made ones (1, 2, 3, 4, "1d", "4d"); the four classic ones if not given.
        table: What to learn from; the documents' four samples if not given.
        show: Whether to print; the result prints the same.

    All are compared with the first rung whose gradients are autograd's.

    >>> result = climb([1, 2, 4], epochs=2, show=False)
    >>> print(result)
    f(x) = w·x, 4 samples, 2 steps, lr = 0.01
    <BLANKLINE>
                   rung 1            rung 2            rung 4
      prediction   by hand           by hand           Linear
      gradients    by hand           autograd          autograd
      loss         by hand           by hand           MSELoss
      updates      by hand           by hand           SGD
    <BLANKLINE>
      f(5) before  0.000             0.000             0.000
    <BLANKLINE>
                       w       loss      w       loss  weight       loss
      step 1       0.300  30.000000  0.300  30.000000   0.300  30.000000
      step 2       0.555  21.674999  0.555  21.674999   0.555  21.674999
    <BLANKLINE>
      f(5) after   2.775             2.775             2.775
    <BLANKLINE>
    - rung 1, rung 2 and rung 4 agree at each of 2 steps, ...: the same losses, gradients and parameters
    >>> result.agree
    True
    """
    table = documents() if table is None else table
    chosen = _named(classic() if rungs is None else [r if isinstance(r, Rung) else rung(r) for r in rungs])
    if not chosen or epochs < 1 or not lr > 0:
        raise ValueError(message(f"{len(chosen)} rungs, {epochs} epochs, lr = {lr:g}", "each of them is more than 0"))
    if any(one.name in ("1d", "4d") for one in chosen) and (table.x.ndim > 1 or table.bias):
        raise ValueError(
            message(
                "rungs 1d and 4d are written for the documents' table",
                f"they learn f(x) = w·x from one column; this table is for {table.formula}",
                "use rungs 1 to 4, or Rung(gradients=…) with a gradient of yours",
            )
        )
    runs = [train(one, table, epochs, lr) for one in chosen]
    reference = next((run for run in runs if run.rung.gradients == AUTO and not run.stopped), runs[0])
    comparisons = tuple(compare(run, reference, table, lr) for run in runs if run is not reference)
    result = Climb(table, lr, tuple(runs), reference, comparisons, tuple(_diverging(runs, table, lr)))
    if show:
        print(result)
    return result


def _named(rungs: list[Rung]) -> list[Rung]:
    """Give those without a name one of their own: own, own 2, …"""
    nameless = [one for one in rungs if not one.name]
    names = {id(one): "own" if i == 0 else f"own {i + 1}" for i, one in enumerate(nameless)}
    return [one if one.name else replace(one, name=names[id(one)]) for one in rungs]


def _columns(run: Run, shown: list[int]) -> list[str]:
    """A rung's cells, one for each step shown: its parameters after the step, and the loss that it began with."""
    by_number = {step.number: step for step in run.steps}
    names = list(run.steps[0].after) if run.steps else []
    rows = [[*names, "loss"]]
    for number in shown:
        step = by_number.get(number)
        rows.append(
            [""] * len(rows[0]) if step is None else [*(short(v) for v in step.after.values()), _loss(step.loss)]
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]


def _loss(loss: float) -> str:
    return f"{loss:.6f}" if abs(loss) < 1e6 else f"{loss:.3e}"


def _diverging(runs: list[Run], table: Table, lr: float) -> list[str]:
    """Name the rungs whose loss grows, and the learning rate from which on gradient descent moves away."""
    losses = {title(run.rung): (run.steps[0].loss, run.steps[-1].loss) for run in runs if run.steps}
    growing = [f"{name} from {a:.3g} to {b:.3g}" for name, (a, b) in losses.items() if not b <= 2 * a]
    if not growing:
        return []
    limit = table.largest_lr()
    instead = (
        f": on this table gradient descent on the mean squared error moves away for every lr above 2/λ = {limit:.3g} "
        f"(λ is the loss's largest curvature); try lr = {limit / 4:.1g}"
        if lr > limit
        else ""
    )
    return [f"the loss grows, of {', of '.join(growing)}{instead}"]
