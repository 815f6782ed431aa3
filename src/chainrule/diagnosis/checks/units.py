"""Units that take no part any more: ReLUs that are 0 for every sample, sigmoids and tanhs at their ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..finding import Finding, sure
from ..record import Run
from .series import fell

UNITS = 4
DEAD = 0.85  # share of a layer's units
SATURATED = 0.85  # share of a layer's outputs


def check(run: Run) -> Iterator[Finding]:
    for place in run.hidden.values():
        shares = place["shares"]
        if len(shares) < 3 or any(s.shape != shares[0].shape for s in shares) or len(shares[0]) < UNITS:
            continue
        late = np.array(shares[-max(3, len(shares) // 3) :])
        if place["kind"] == "Relu":
            yield from dead(place, late)
        elif not fell(run, 0.1):
            yield from saturated(place, np.array(shares))


def dead(place: dict[str, Any], late: np.ndarray) -> Iterator[Finding]:
    units = late.shape[1]
    gone = int((late.max(0) == 0).sum())
    if gone >= DEAD * units:
        yield sure(
            "D30", place["line"],
            f"{gone} of {units} ReLU units that feed this layer are 0 for every sample of the last {len(late)} passes: no gradient "
            "reaches what lies below them",
            "a lower learning rate, biases that start at 0, nn.LeakyReLU",
            dead=gone, units=units, passes=len(late),
        )  # fmt: skip


def saturated(place: dict[str, Any], shares: np.ndarray) -> Iterator[Finding]:
    """At the ends of a sigmoid or tanh (1 % from them) the slope is below 4 % of its largest."""
    ends = 1 - float(shares.mean())
    late = 1 - float(shares[-max(3, len(shares) // 3) :].mean())
    if min(ends, late) >= SATURATED:
        yield sure(
            "D31", place["line"],
            f"{late:.0%} of the {place['kind'].lower()} outputs that feed this layer are within 1 % of their ends, where the slope is "
            "near 0",
            "smaller initial weights, scaled inputs, a lower learning rate, or ReLU",
            saturated=late, units=shares.shape[1], passes=len(shares),
        )  # fmt: skip
