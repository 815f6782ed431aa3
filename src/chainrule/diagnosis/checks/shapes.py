"""Prediction and target of different shapes, stretched until every prediction meets every target."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from ..finding import Finding, sure
from ..record import Run


def check(run: Run) -> Iterator[Finding]:
    for found in run.stretched:
        a, b = found["shapes"]
        full = list(np.broadcast_shapes(tuple(a), tuple(b)))
        yield sure(
            "D11", found["line"],
            f"shapes {a} and {b} were stretched to {full}: the loss averages {prod(full)} differences of {prod(a)} predictions",
            f"target.reshape({', '.join(map(str, a))}), or prediction.squeeze(-1)",
            prediction=a, target=b, together=full,
        )  # fmt: skip
