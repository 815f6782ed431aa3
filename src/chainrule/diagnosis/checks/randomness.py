"""Random numbers that are others on every run."""

from __future__ import annotations

from collections.abc import Iterator

from ..finding import Finding, hint
from ..record import Run


def check(run: Run) -> Iterator[Finding]:
    if run.draws and any(not p.capture for p in run.passes):
        yield hint(
            "D34", run.drawn,
            f"{run.draws} draws from the default generator before any seed was set: a second run will train another model",
            "torch.manual_seed(0) as the first line",
            draws=run.draws,
        )  # fmt: skip
