"""Data that is sorted, not scaled, or constant."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..finding import Finding, hint, sure
from ..record import LossCall, Run
from . import units
from .series import fell, first_and_last

CLASSES = ("cross_entropy", "nll_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits")
RATIO = 100.0


def check(run: Run) -> Iterator[Finding]:
    by_line: dict[Any, list[LossCall]] = {}
    for call in run.losses:
        if call.recorded and not call.error:
            by_line.setdefault(call.line, []).append(call)
    ends = [p.tick for p in run.passes]
    for calls in by_line.values():
        yield from sorted_by_class(calls, ends)
    yield from constant_target(by_line)
    yield from scales(run)
    yield from constant_inputs(run)


def sorted_by_class(calls: list[LossCall], ends: list[int]) -> Iterator[Finding]:
    """Within batches the classes vary much less than between them: Σ within / total, 1 − 1/n if the order were random."""
    calls = [
        c
        for c in calls
        if c.facts["n"] >= 4 and "var" in c.facts and c.name in CLASSES and not c.target_shape[1:2] > (1,)
    ]
    steps = [bisect(ends, c.tick) for c in calls]
    if len(calls) < 4 or len(set(steps)) < len(steps):
        return  # several calls before one backward pass, of which each may well be held to a class of its own
    n = np.array([c.facts["n"] for c in calls], float)
    mean, within = np.array([c.facts["mean"] for c in calls]), np.array([c.facts["var"] for c in calls])
    total = (n * (within + (mean - np.average(mean, weights=n)) ** 2)).sum()
    if total <= 0:
        return
    share, expected = float((n * within).sum() / total), float(1 - 1 / n.mean())
    if share < 0.3 * expected:
        pure = int((within == 0).sum())
        yield sure(
            "D20", calls[0].line,
            f"{pure} of {len(calls)} batches hold a single class; within a batch lies {share:.0%} of the variance of the labels, "
            f"in random order it would be {expected:.0%}",
            "DataLoader(dataset, shuffle=True), or x[torch.randperm(len(x))] each epoch",
            batches=len(calls), of_one_class=pure, within=share, expected=expected,
        )  # fmt: skip


def constant_target(by_line: dict[Any, list[LossCall]]) -> Iterator[Finding]:
    """One target for all samples of all batches: there is nothing to learn but that number."""
    if len(by_line) != 1:
        return  # several losses: one of them may well be held to a constant
    (calls,) = by_line.values()
    known = [c for c in calls if "t_low" in c.facts]
    n = max((c.facts["n"] for c in known), default=0)
    if not known or n < 8 or any(c.facts["t_low"] != c.facts["t_high"] for c in known):
        return
    values = {c.facts["t_low"] for c in known}
    classes = calls[0].name in CLASSES
    if len(values) == 1 and (classes or values != {0.0}):
        made = sure if classes else hint
        yield made(
            "D22", calls[0].line,
            f"every target is {values.pop():.4g}, in {len(known)} calls of {n} samples",
            "look at the column the targets were read from",
            calls=len(known), samples=n,
        )  # fmt: skip


def scales(run: Run) -> Iterator[Finding]:
    """Features whose sizes differ by two orders, or far from 1, and a loss that does not fall."""
    if not run.passes or fell(run, 0.5) and not any(units.check(run)):
        return
    for line, known in run.data.items():
        size = np.sqrt(known["squares"] / known["count"])
        spread = np.sqrt(np.maximum(known["squares"] / known["count"] - (known["sum"] / known["count"]) ** 2, 0))
        used = size > 0
        if known["count"] < 8 or not used.any() or not np.isfinite(size).all():
            continue
        low, high = float(size[used].min()), float(size[used].max())
        offset = float((size[used] / np.maximum(spread[used], 1e-12)).min())
        if high / low > RATIO and high > 10 or high > RATIO:
            first, last = first_and_last(run)
            yield hint(
                "D21", line,
                f"features are between {low:.3g} and {high:.3g} in size, and the loss went from {first:.4g} to {last:.4g}: one learning "
                "rate is too long a step for the large ones and too short for the small",
                "x = (x - x.mean(0)) / x.std(0), with the mean and std of the training data",
                smallest=low, largest=high, mean_over_std=offset, samples=known["count"],
            )  # fmt: skip
            return


def constant_inputs(run: Run) -> Iterator[Finding]:
    for line, known in run.data.items():
        if known["ndim"] != 2 or known["count"] < 8:
            continue
        same = known["low"] == known["high"]
        width = len(same)
        odd = [i for i in np.nonzero(same)[0] if known["low"][i] not in (0.0, 1.0)]
        if same.all() and width and known["count"] >= 8 and len(run.passes) >= 2 and odd:
            yield sure(
                "D22", line,
                f"all {known['count']} samples are the same: each of the {width} features has one value",
                "look at how the inputs are read: an index that does not advance, a copy of one row",
                features=width, samples=known["count"],
            )  # fmt: skip
        elif odd and width <= 64:
            yield hint(
                "D22", line,
                f"feature {int(odd[0])} is {known['low'][odd[0]]:.4g} for all {known['count']} samples "
                f"({len(odd)} of {width} features are constant)",
                "leave the column out, or look at how it is read",
                features=len(odd), of=width, samples=known["count"],
            )  # fmt: skip
