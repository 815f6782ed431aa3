"""``chainrule.sweep``: the same training for many settings at once, as one native program over all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np

from ..base.errors import message
from ..graph.value import wrap
from .curvature import stable_limit
from .many import Together, Unlike
from .running import Machine
from .step import Step, number

WARM = 6  # calls within which a step shows what it does
KEYWORDS = "each keyword is a setting with its values"
AT_ONCE = 1 << 20  # losses that are kept in one call of machine code


def sweep(make: Callable[..., Callable[[], Any]], steps: int, **settings: Sequence[Any]) -> Sweep:
    """Train with every combination of the settings, for so many steps each; gives all losses, as a table that draws itself.

    ``make(**one of each)`` builds what is trained, and returns its training step, which returns the loss. If all steps do
    the same but for numbers, seeds and initial values, they run as one native program with one more axis; else one after
    the other. The models that ``make`` built are trained afterwards.

    >>> def make(lr):
    ...     w = torch.tensor(0.0, requires_grad=True)
    ...     optimizer = torch.optim.SGD([w], lr=lr)
    ...     def step():
    ...         optimizer.zero_grad()
    ...         loss = (w - 3) ** 2
    ...         loss.backward()
    ...         optimizer.step()
    ...         return loss
    ...     return step
    >>> found = torch.sweep(make, 20, lr=[0.1, 0.5, 1.1])
    >>> found.best
    {'lr': 0.5}
    >>> round(found.limit, 3)
    1.0
    """
    if not settings:
        raise TypeError(message("sweep(): there is nothing to sweep over", KEYWORDS, "sweep(make, 100, lr=[0.01, 0.1])"))
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise ValueError(f"sweep(): the number of steps is an integer from 1 on, not {steps!r}")
    for name, values in settings.items():
        if isinstance(values, (str, bytes)) or not hasattr(values, "__len__") or not len(values):
            raise TypeError(message(f"sweep(): {name}={values!r} is no list of values", KEYWORDS, f"{name}=[…]"))
    chosen = [dict(zip(settings, combination)) for combination in product(*settings.values())]
    made = [make(**one) for one in chosen]
    for one, function in zip(chosen, made):
        if not callable(function):
            what = f"sweep(): make({shown(one)}) gave {type(function).__name__}"
            raise TypeError(message(what, "it is to return the training step, a function", "return step"))
    compiled = [Step(function) for function in made]
    losses = np.full((len(made), steps), np.nan, np.float32)
    done = 0
    while done < min(steps, WARM) and not (done and all(s.compiled for s in compiled)):
        for k, s in enumerate(compiled):
            found = number(s())
            if found is None:
                raise TypeError("sweep(): the training step is to return its loss, one number")
            losses[k, done] = found
        done += 1
    known = next((s for s in compiled if s.compiled), None)
    limit = None if known is None else stable_limit(known.plan_now("sweep"))
    together = run_together(compiled, losses, done) if done < steps else True
    if not together:
        for k, s in enumerate(compiled):
            losses[k, done:] = s.repeat(steps - done).numpy()
    return Sweep(chosen, losses, limit, made, together)


def run_together(compiled: list[Step], losses: np.ndarray, done: int) -> bool:
    """Take the other steps as one program; False where that can't be."""
    plans = [s.latest for s in compiled]
    if any(p is None or not p.native() or not p.holds((), {}) for p in plans):
        return False
    try:
        joined = Together([p.machine.program for p in plans])  # type: ignore[union-attr]
        machine = Machine(joined.program)
    except Unlike:
        return False
    if not machine.whole or not machine.keeps:
        return False
    for node in joined.program.inputs:
        machine.bind(node, node.data.array)
    count, left = len(plans), losses.shape[1] - done
    chunk = max(1, min(left, AT_ONCE // count, plans[0].pace // count + 1))  # type: ignore[union-attr]
    machine.history = np.zeros(chunk * count, machine.keeps)
    while left:
        steps = min(chunk, left)
        machine.tell(steps)
        machine.run(steps, 0)
        losses[:, done : done + steps] = machine.history[: steps * count].reshape(steps, count).T
        for plan in plans:
            plan.leave(steps)  # type: ignore[union-attr]
        done, left = done + steps, left - steps
    for ours, theirs in joined.inputs:
        if ours in joined.program.writes:
            for k, node in enumerate(theirs):
                node.data.array[...] = ours.data.array[k]
    return True


def shown(one: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in one.items())


class Sweep:
    """The losses of a sweep: ``losses[k, i]`` is that of the settings ``settings[k]`` before step i."""

    def __init__(
        self, settings: list[dict[str, Any]], losses: np.ndarray, limit: float | None, steps: list[Any], together: bool
    ) -> None:
        self.settings, self.limit, self.steps, self.together = settings, limit, steps, together
        self.losses = wrap(losses)

    @property
    def best(self) -> dict[str, Any]:
        """The settings with the smallest loss at the end."""
        last = self.losses.array[:, -1]
        return self.settings[int(np.nanargmin(np.where(np.isfinite(last), last, np.inf)))]

    def columns(self) -> list[int]:
        """Steps to show: 1, 2, 5, 10, …, and the last."""
        n = self.losses.array.shape[1]
        return [i for i in (m * 10**e for e in range(9) for m in (1, 2, 5)) if i < n] + [n]

    def table(self) -> list[dict[str, Any]]:
        """One row for each combination: its settings, and the loss at some steps."""
        return [
            {**one, **{f"step {i}": float(row[i - 1]) for i in self.columns()}} for one, row in zip(self.settings, self.losses.array)
        ]

    def __str__(self) -> str:
        """The table, a shade for each loss: the darker the smaller; ``→`` marks the largest stable learning rate."""
        names, columns = list(self.settings[0]), self.columns()
        losses = self.losses.array[:, [i - 1 for i in columns]]
        good = losses[np.isfinite(losses) & (losses > 0)]
        high = float(np.max(losses[:, 0], initial=0, where=np.isfinite(losses[:, 0]))) or 1.0  # what all began with
        low = max(float(np.min(good, initial=high)), 1e-6 * high)
        lines = ["  ".join([*[f"{n:>10}" for n in names], *[f"{f'step {i}':>12}" for i in columns]])]
        limit = self.limit if "lr" in names else None
        for k, (one, row) in enumerate(zip(self.settings, losses)):
            before = self.settings[k - 1].get("lr", np.inf) if k else -np.inf
            if limit is not None and before <= limit < one["lr"]:
                lines.append(f"{'→':>10}  2/λmax = {limit:.4g}: beyond it plain gradient descent diverges")
            cells = [f"{shade(x, np.log(low), np.log(high))} {x:10.4g}" for x in row]
            lines.append("  ".join([*[f"{one[n]!s:>10.10}" for n in names], *[f"{c:>12}" for c in cells]]))
        return "\n".join(lines)

    __repr__ = __str__

    def plot(self, ax: Any = None) -> Any:
        """Loss over steps and settings as a map, with the stable limit marked; needs matplotlib, the extra ``plot``."""
        try:
            import matplotlib.pyplot as plt
        except ImportError as missing:
            raise ImportError(message("plot() needs matplotlib", instead="pip install chainrule[plot]")) from missing
        axes = ax if ax is not None else plt.subplots(figsize=(7, 4))[1]
        losses = np.where(self.losses.array > 0, self.losses.array, np.nan)
        with np.errstate(all="ignore"):
            image = axes.imshow(np.log10(losses), aspect="auto", origin="lower", interpolation="nearest", cmap="viridis_r")
        axes.figure.colorbar(image, ax=axes, label="log₁₀ loss")
        axes.set_xlabel("step")
        axes.set_yticks(range(len(self.settings)), [shown(one) for one in self.settings])
        rates = [one["lr"] for one in self.settings if "lr" in one]
        if self.limit is not None and rates and rates == sorted(rates):
            axes.axhline(float(np.searchsorted(rates, self.limit)) - 0.5, color="red", linestyle="--", label=f"2/λmax = {self.limit:.3g}")
            axes.legend()
        return axes


def shade(x: float, low: float, high: float) -> str:
    """The darker the smaller; a cross where it is no number, or larger than at the start.

    >>> [shade(x, 0.0, 5.0) for x in (1.0, 20.0, 140.0, 1e9)]
    ['█', '▒', ' ', '✗']
    """
    if not np.isfinite(x) or np.log(max(x, 1e-300)) > high + 1e-6:
        return "✗"
    if x <= 0:
        return "█"
    return "█▓▒░ "[int(min(max((np.log(x) - low) / max(high - low, 1e-9), 0), 0.999) * 5)]
