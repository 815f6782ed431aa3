"""Learning rates: too high for the curvature of the loss, or so low that nothing happens."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..finding import Finding, hint, sure
from ..record import Curvature, Place, Run
from .series import ends, losses

ADAPTIVE = ("Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "Rprop", "Adafactor")
GROWTH = 3.0
LEAP, MEANT = 10.0, 16  # times the loss grows within the first steps; entries that a loss is the mean of, at least
SEARCHED = 10  # times: a rate that is raised as far is being searched for, until the loss grows


def check(run: Run) -> Iterator[Finding]:
    for place, series in losses(run).items():
        if len(series) >= 4:
            yield from too_high(run, place, series)
        if len(series) >= 10:
            yield from too_low(run, place, series)


def too_high(run: Run, place: Place, series: list[float]) -> Iterator[Finding]:
    line, weights = place
    first, last = ends(series)
    rates = [p.lr for p in run.passes if p.line == line and p.weights == weights and p.lr]
    if rates and max(rates) >= SEARCHED * rates[0] or contested(run, place) and np.isfinite(last):
        return
    finite = [v for v in series if np.isfinite(v)]
    grew = last > GROWTH * abs(first)
    grew = grew or not np.isfinite(last) and len(finite) > 2 and finite[-1] > GROWTH * abs(finite[0])
    leap = leapt(run, series, last)
    grew = grew or leap > 0
    if not grew and not (swinging(series) and last > 0.7 * abs(first)):
        return
    if grew and np.isfinite(series[0]):
        first = min(first, series[0])  # an explosion is well on its way within the first tenth
    how = f"the loss {'grew' if grew else 'jumps up and down'}: {first:.4g} at first, {finite[-1]:.4g} after {len(finite)} steps"
    if leap:
        how = f"the loss leapt from {series[0]:.4g} to {leap:.4g} within the first steps, and is {last:.4g} after {len(finite)}"
    here = [c for c in run.curvatures if c.place == place]
    beyond = [c for c in here if c.largest and rates and rates[0] > 2 * (1 + c.momentum) / c.largest]
    # the first: where the weights have exploded already, so has the curvature, and no rate would be low enough
    steepest = beyond[0] if beyond else max(here, key=lambda c: c.largest or 0, default=None)
    if steepest is not None and steepest.largest and steepest.kind not in ADAPTIVE:
        yield from beyond_the_limit(place, steepest, rates, how, {"first": first, "last": finite[-1]})
    elif rates and grew and (leap or steady(run)):
        made = sure if leap or last > 10 * abs(first) or not np.isfinite(last) else hint
        yield made(
            "D25", line, f"{how}, with steps of about {rates[0]:.3g} in every weight", f"lr={nice(rates[0] / 30)}",
            lr=rates[0], first=first, last=finite[-1],
        )  # fmt: skip


def leapt(run: Run, series: list[float], last: float) -> float:
    """What the first steps blew the loss up to, if it never came well below where it began again; else 0.

    One batch differs from the next, but not by this much where a loss is the mean of many.
    """
    counts = [c.facts.get("n", 0) for c in run.losses if c.recorded]
    if len(series) < 20 or min(counts, default=0) < MEANT or not np.isfinite(series).all():
        return 0.0
    early = float(np.median(series[1 : max(4, len(series) // 10) + 1]))
    return early if early > LEAP * abs(series[0]) and last > 0.5 * abs(series[0]) > 0 else 0.0


def beyond_the_limit(
    place: Place, c: Curvature, rates: list[float], how: str, losses: dict[str, float]
) -> Iterator[Finding]:
    """Gradient descent is stable for η < 2(1 + μ)/λ only."""
    largest = c.largest or 1.0
    limit = 2 * (1 + c.momentum) / largest
    rate = f"; it is {rates[0]:.3g}" if rates else ""
    if c.largest and c.largest > 0 and (not rates or rates[0] > limit):
        yield sure(
            "D25", place[0],
            f"{how}. The Hessian's largest eigenvalue is at least {largest:.4g}, so steps are stable only below a learning rate "
            f"of {limit:.3g}{rate}",
            f"lr={nice(limit / 2)}",
            lr=rates[0] if rates else None, limit=limit, eigenvalue=largest, momentum=c.momentum, **losses,
        )  # fmt: skip


def contested(run: Run, place: Place) -> bool:
    """Whether another loss is taken of some of the same weights: then neither need fall (two players, several tasks)."""
    weights = set(place[1])
    return any(p.line != place[0] and weights & set(p.weights) for p in run.passes if not p.capture)


def steady(run: Run) -> bool:
    """Whether the targets stay of one size: where they move, as in learning from rewards, the loss may grow with them."""
    sizes = [(c.facts["mean"] ** 2 + c.facts["var"]) ** 0.5 for c in run.losses if c.recorded and "var" in c.facts]
    third = len(sizes) // 3
    if third < 1:
        return False
    early, late = float(np.mean(sizes[:third])), float(np.mean(sizes[-third:]))
    return 0.5 * early <= late <= 2 * early


def swinging(series: list[float]) -> bool:
    """Whether the loss goes up and down in turn, by a good part of itself, to the end.

    >>> swinging([1.0, 3.0] * 8), swinging([4.0, 3.0, 2.0] * 5), swinging([2.0 ** -i for i in range(16)])
    (True, False, False)
    """
    tail = np.array(series[-20:])
    if len(tail) < 8 or not np.isfinite(tail).all():
        return False
    d = np.diff(tail)
    turns = np.mean(d[1:] * d[:-1] < 0)
    return bool(turns > 0.85 and np.median(np.abs(d)) > 0.2 * np.median(np.abs(tail)))


def too_low(run: Run, place: Place, series: list[float]) -> Iterator[Finding]:
    """The best multiple of the last step, on the parabola along it, is over a hundred times the step."""
    line, weights = place
    first, last = ends(series)
    own = [c for c in run.curvatures if c.place == place and c.stretch is not None]
    if not own or last < 0.9 * first or last > 1.1 * first or any((c.stretch or 0) < 100 for c in own):
        return
    c: Curvature = own[-1]
    rate = next((p.lr for p in run.passes if p.line == line and p.weights == weights and p.lr), None)
    gain = min(c.gain or 0.0, abs(c.value))
    if gain < 0.1 * abs(c.value):
        return
    per_step = (series[0] - series[-1]) / (len(series) - 1)
    needed = 0.5 * abs(last) / per_step if per_step > 0 else float("inf")
    at_this_rate = f"would take {needed:.3g} more to halve" if per_step > 0 else "has not begun to fall"
    stretch = c.stretch if c.stretch != float("inf") else None
    longer = f"{stretch:.3g} times" if stretch else "any number of times"
    yield sure(
        "D26", line,
        f"the loss went from {first:.4g} to {last:.4g} in {len(series)} steps, and {at_this_rate}. The last step "
        f"could have been {longer} longer before the loss would rise again",
        f"lr={nice(rate * min(stretch or 1e3, 1e3) / 4)}" if rate else "a larger lr",
        lr=rate, first=first, last=last, steps=len(series), to_halve=needed, stretch=stretch,
    )  # fmt: skip


def nice(x: float) -> str:
    """One significant digit.

    >>> nice(0.0234), nice(31.0)
    ('0.02', '30')
    """
    return f"{float(f'{x:.0e}'):g}"
