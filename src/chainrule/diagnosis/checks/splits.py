"""Test data that training has seen, and inputs that hold the answer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..finding import Finding, hint, sure
from ..record import Batch, Run

SAMPLES = 16


def check(run: Run) -> Iterator[Finding]:
    yield from shared(run)
    yield from giveaways(run)


def shared(run: Run) -> Iterator[Finding]:
    """Samples of an evaluation that were trained on. All of them may be the training data itself, looked at again."""
    for (line, module), calls in run.test_rows.items():
        training = run.training_rows.get(module, set())
        rows = {row for call in calls for row in call}
        both = training & rows
        if not both or len(rows) < 5 or len(training) < 10:
            continue
        share = len(both) / len(rows)
        mixed = any(0 < len(training & set(call)) < len(set(call)) for call in calls) or max(map(len, calls)) == 1
        if share < 1 and mixed:
            yield sure(
                "D23", line,
                f"{len(both)} of the {len(rows)} samples evaluated here ({share:.0%}) are among the {len(training)} trained on",
                "split first, x_train, x_test = x[:n], x[n:], after dropping duplicates: torch.unique(x, dim=0)",
                shared=len(both), evaluated=len(rows), trained=len(training),
            )  # fmt: skip
        elif share == 1 and 10 <= len(rows) <= 0.6 * len(training):
            yield hint(
                "D23", line,
                f"all {len(rows)} samples evaluated here are among the {len(training)} trained on",
                "hold them out: train on x[n:], evaluate on x[:n]",
                shared=len(both), evaluated=len(rows), trained=len(training),
            )  # fmt: skip


def giveaways(run: Run) -> Iterator[Finding]:
    """A feature that is the target, or a straight line away from it."""
    batches = [b for b in run.batches if usable(b)]
    if not batches:
        return
    alike = [b for b in batches if b.x.shape[1] == batches[0].x.shape[1]]
    x = np.concatenate([b.x for b in alike]).astype(float)
    y = np.concatenate([b.y.reshape(-1) for b in alike]).astype(float)
    if len(x) < SAMPLES or x.shape[1] < 2 or y.std() == 0 or not np.isfinite(x).all() or not np.isfinite(y).all():
        return
    centred, target = x - x.mean(0), (y - y.mean()) / y.std()
    spread = centred.std(0)
    with np.errstate(all="ignore"):
        r = np.abs((centred * target[:, None]).mean(0) / spread)
    close = [i for i in np.nonzero(r > 1 - 1e-6)[0] if spread[i] > 0]
    if len(close) == 1:
        i = int(close[0])
        same = np.allclose(x[:, i], y)
        made = sure if same else hint
        yield made(
            "D24", batches[0].line,
            f"feature {i} {'is' if same else 'is a straight line away from'} the target in all {len(x)} samples (correlation {r[i]:.6f})",
            f"leave feature {i} out: it will not be known when a prediction is asked for",
            feature=i, correlation=float(r[i]), samples=len(x),
        )  # fmt: skip


def usable(b: Batch) -> bool:
    """Samples with several features, and one number to predict for each."""
    return (
        b.x.ndim == 2 and b.x.dtype.kind == "f" and b.x.shape[1] <= 200
        and (b.y.ndim == 1 or b.y.shape[1:] == (1,)) and len(b.y) == len(b.x) and b.y.dtype.kind in "fiu"
    )  # fmt: skip
