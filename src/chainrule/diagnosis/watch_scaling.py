"""What is noted of a `GradScaler`: which losses it scaled, so that a pass is judged by the loss that is meant.

Scaled by 65 536, a loss or its gradients may overflow; the scaler then leaves the step out and scales by less. That is no
mistake. A loss that is no number before it is scaled, and a rule that makes one out of finite gradients that are not
scaled, are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..amp.scaler import GradScaler
from ..graph.value import Leaf, Value
from .record import Run
from .swap import Swaps

REMEMBERED = 1000  # scaled losses


class Scaling(NamedTuple):
    """A loss before it was scaled, and by what."""

    value: float
    factor: float


class Scalings:
    """Watches gradient scalers."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.by_tick: dict[int, Scaling] = {}

    def install(self, swaps: Swaps) -> None:
        swaps.around(GradScaler.scale, self.scaled)
        swaps.around(GradScaler.step, self.stepped)

    def scaled(self, original: Any, scaler: Any, outputs: Any) -> Any:
        result = original(scaler, outputs)
        if result is not outputs and isinstance(result, Value) and result.node is not None and outputs.array.size == 1:
            if len(self.by_tick) >= REMEMBERED:
                self.by_tick.clear()
            self.by_tick[result.node.seq] = Scaling(float(outputs.array.reshape(-1)[0]), scaler.get_scale())
        return result

    def stepped(self, original: Any, scaler: Any, optimizer: Any, *args: Any, **named: Any) -> Any:
        known = [steps for steps in self.run.optimizers if steps.optimizer is optimizer]
        before = sum(steps.count for steps in known)
        result = original(scaler, optimizer, *args, **named)
        for steps in known:
            steps.left_out += steps.count == before
        return result

    def of(self, node: Any) -> Scaling | None:
        """How the loss at a node was scaled, if it was."""
        return self.by_tick.get(node.seq) if type(node) is not Leaf else None
