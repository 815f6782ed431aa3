"""When to ask the Hessian, and what: it costs a dozen backward passes, so only where the losses give reason to."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.value import wrap
from .curvature import Hessian
from .lines import Line
from .record import Curvature, Place, Run, Weight
from .walks import reached, untouched

PARAMETERS = 50_000  # beyond, a product with the Hessian takes too long to be made in passing
NODES = 4_000
FEW = 60  # nodes of a graph whose first pass is measured in any case
LATE = (10, 20, 40, 80, 160)  # passes at which a slow descent is measured
RISES = 3  # times a rising loss is measured


class Steepness:
    """Measures a training at its first pass, while its loss rises, and now and then while it hardly falls."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.series: dict[Place, list[float]] = {}
        self.rises: dict[Place, int] = {}

    def measure(
        self, root: Any, value: float, weights: tuple[Weight, ...], line: Line, size: int, rate: float | None
    ) -> None:
        place = (line, weights)
        values = self.series.setdefault(place, [])
        values.append(value)
        n, first = len(values), values[0]
        rising = n > 2 and value > 1.2 * abs(first) + 1e-12 or n > 3 and values[-1] > values[-2] > values[-3]
        slow = n in LATE and abs(first) > 0 and value > 0.9 * first
        if not slow and not (n == 1 and size <= FEW) and not (rising and self.rises.get(place, 0) < RISES):
            return
        own = [w for w in weights if w.seen is not None or n == 1 and w.first is not None]
        entries = sum(w.tensor.array.size for w in own)
        if not own or entries > PARAMETERS or size > NODES or not untouched(reached([root])):
            return
        self.rises[place] = self.rises.get(place, 0) + rising
        found = Curvature(place, n, value, lr=rate)
        try:
            self.ask(found, root, own, slow)
        except (RuntimeError, NotImplementedError) as error:  # an op may have no second derivative
            self.run.notes["no curvature"] = str(error)
        else:
            self.run.curvatures.append(found)

    def ask(self, found: Curvature, root: Any, own: list[Weight], slow: bool) -> None:
        tensors = [w.tensor for w in own]
        hessian = Hessian(wrap(np.array(found.value, tensors[0].array.dtype), root), tensors)
        for steps in self.run.optimizers:
            if any(p is tensors[0] for p in steps.weights()):
                group = steps.optimizer.param_groups[0]
                found.kind, found.momentum = steps.kind, float(group.get("momentum", 0) or 0)
        found.largest = hessian.largest()
        if not slow:
            return
        d = np.concatenate([(w.tensor.array - w.seen).reshape(-1) for w in own]).astype(float)
        slope, bend = float(hessian.gradient @ d), float(d @ hessian(d))
        if slope < 0:
            # The best multiple of the last step, and what it would gain, on the parabola along that line.
            found.stretch = -slope / bend if bend > 0 else float("inf")
            found.gain = 0.5 * slope * slope / bend if bend > 0 else float("inf")
