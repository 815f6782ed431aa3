"""How gradients flow through a deep model, and what they change."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..finding import Finding, sure
from ..record import Run, Weight
from .series import fell

SMALL, LARGE = 1e-4, 1e3
PASSES = 3


def check(run: Run) -> Iterator[Finding]:
    if run.passes:
        yield from vanishing(run)
        yield from exploding(run)
        yield from unchanging(run)


def matrices(run: Run) -> list[Weight]:
    """The weights of layers, from the input on (the order in which they were made), where gradients arrived."""
    return [w for w in run.weights.values() if len(w.shape) >= 2 and w.fed >= PASSES and w.model]


def relative(w: Weight) -> float:
    """The median over the passes of ‖gradient‖ / ‖weight‖; a weight whose entries are below 0.1 counts as of that size."""
    return float(np.median(np.array(w.sizes) / np.maximum(np.array(w.norms), 0.1 * np.prod(w.shape) ** 0.5)))


def vanishing(run: Run) -> Iterator[Finding]:
    deep = matrices(run)
    if len(deep) < 4:
        return
    early, late = (
        deep[0],
        max((w for w in run.weights.values() if w.model and w.fed >= PASSES and w not in deep[:2]), key=relative),
    )
    a, b = relative(early), relative(late)
    if b > 0 and a < SMALL * b and not fell(run, 0.2) and set_together(run, early, late):
        yield sure(
            "D27", run.passes[-1].line,
            f"‖gradient‖/‖weight‖ is {a:.2e} in {run.name_of(early)} and {b:.2e} in {run.name_of(late)}: {b / max(a, 1e-300):.1e} times "
            f"less, over {len(deep)} layers",
            "ReLU in place of sigmoid or tanh, nn.init.kaiming_normal_, normalisation or residual connections (x + block(x))",
            first_layer=a, last_layer=b, layers=len(deep),
        )  # fmt: skip


def set_together(run: Run, a: Weight, b: Weight) -> bool:
    return any(a in p.weights and b in p.weights for p in run.passes)


def exploding(run: Run) -> Iterator[Finding]:
    """‖gradient‖ beyond a thousand times ‖weight‖, from the first passes or all of a sudden, and a loss that does not fall."""
    if run.clipped:
        return
    worst: tuple[float, Weight] | None = None
    for w in run.weights.values():
        if w.model and w.fed >= 1:
            ratio = np.array(w.sizes) / np.maximum(np.array(w.norms), 0.1 * np.prod(w.shape) ** 0.5)
            early = float(np.nanmax(ratio[:2])) if len(ratio) else 0.0
            worst = max(worst or (0.0, w), (early, w), key=lambda pair: pair[0])
    if worst and worst[0] > LARGE and (not fell(run, 0.1) or 2 * worst[1].fed <= len(worst[1].sizes)):
        ratio, w = worst
        yield sure(
            "D28", run.passes[0].line,
            f"‖gradient‖ is {w.sizes[0]:.3g} in {run.name_of(w)}, {ratio:.3g} times ‖weight‖",
            "smaller initial weights (nn.init.xavier_uniform_), scaled targets, torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)",
            gradient=w.sizes[0], weight=w.norms[0], ratio=ratio,
        )  # fmt: skip


def unchanging(run: Run) -> Iterator[Finding]:
    """Held by an optimizer that steps, and to the last bit what it was."""
    for steps in run.optimizers:
        if steps.count < 5:
            continue
        still = []
        for p in steps.weights():
            w = run.weights.get(p.node)
            if w is None or w.name.endswith("bias"):
                continue  # what follows, a normalisation or a difference, may not depend on it at all
            if w.first is not None and w.passes >= 5 and np.array_equal(w.first, p.array):
                still.append(w)
        if not still:
            continue
        w = still[0]
        fed = w.fed
        lr = max(steps.lrs, default=0.0)
        if w.sizes and fed == 0:
            why, fix = (
                "every gradient that arrived was 0",
                "weights that are not all 0 at the start, and no unit switched off for good",
            )
        elif not lr:
            why, fix = (
                f"{fed} gradients arrived, and the learning rate is 0",
                "lr=0.01; with a scheduler, step it after the optimizer",
            )
        else:
            why, fix = (
                f"{fed} gradients arrived, the largest of size {max(w.sizes):.3g}; what a step adds is rounded away or undone",
                ("a larger learning rate, scaled weights, and no copying back of old weights"),
            )
        yield sure(
            "D29", steps.line,
            f"{run.name_of(w)} is after {steps.count} steps what it was at the start ({len(still)} of {len(steps.weights())} "
            f"parameters): {why}",
            fix,
            unchanged=len(still), parameters=len(steps.weights()), steps=steps.count, lr=lr,
        )  # fmt: skip
