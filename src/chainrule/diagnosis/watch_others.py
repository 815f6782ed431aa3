"""What is noted of random numbers, of float64 data, and of gradients that are asked of the wrong tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes
from ..base import random as streams
from ..graph.value import Leaf
from ..nn.conversion import Conversion
from ..tensors import creation
from ..tensors.convert import Conversions
from ..tensors.tensor import Tensor
from .lines import here
from .record import Run
from .swap import Swaps
from .watch_ops import Operations

DRAWS = (
    "uniform", "normal", "log_normal", "exponential", "cauchy", "geometric", "randint", "random", "randperm", "bernoulli",
    "dropout", "multinomial", "gamma", "dirichlet", "poisson", "binomial",
)  # fmt: skip


class Others:
    """Watches what needs a line or two each."""

    def __init__(self, run: Run, operations: Operations) -> None:
        self.run, self.operations = run, operations

    def install(self, swaps: Swaps) -> None:
        for name in DRAWS:
            swaps.around(getattr(streams.Generator, name), self.drawn)
        swaps.around(streams.Generator.manual_seed, self.seeded)
        swaps.around(streams.Generator.set_state_bytes, self.seeded)
        for function in (creation.tensor, creation.as_tensor, creation.from_numpy):
            swaps.around(function, self.created)
        swaps.around(Tensor.grad.fget, self.grad_read)  # type: ignore[attr-defined]
        for kind in (Conversions, Conversion):
            swaps.around(kind.double, self.asked)

    # ------------------------------------------------------------------ random numbers

    def drawn(self, original: Any, generator: Any, *args: Any, **named: Any) -> Any:
        if not self.operations.inside and generator is streams.default_generator and not self.run.seeded:
            line = here()
            if not self.run.draws:
                self.run.drawn = line
            self.run.draws += 1
        return original(generator, *args, **named)

    def seeded(self, original: Any, generator: Any, *args: Any, **named: Any) -> Any:
        self.run.seeded = self.run.seeded or generator is streams.default_generator
        return original(generator, *args, **named)

    # ------------------------------------------------------------------ float64

    def created(self, original: Any, data: Any, *args: Any, **named: Any) -> Any:
        result = original(data, *args, **named)
        asked = named.get("dtype") or (args[0] if args and isinstance(args[0], dtypes.dtype) else None)
        if asked is dtypes.float64:
            self.run.asked_double = True
        elif (
            isinstance(data, (np.ndarray, np.floating))
            and result.array.dtype == np.float64
            and len(self.run.doubles) < 100
        ):
            self.run.doubles.append({"line": here(), "shape": list(result.array.shape)})
        return result

    def asked(self, original: Any, *args: Any, **named: Any) -> Any:
        self.run.asked_double = True
        return original(*args, **named)

    # ------------------------------------------------------------------ gradients of computed tensors

    def grad_read(self, original: Any, tensor: Any) -> Any:
        node = tensor.node
        if tensor._grad is None and node is not None and type(node) is not Leaf and node.retained is None:
            sources = [w for e in node.edges if (w := self.run.weights.get(e)) is not None]
            self.run.rebound.append(
                {
                    "line": here(), "shape": list(tensor.array.shape), "op": type(node.op).__name__,
                    "parameter": any(w.shape == tensor.array.shape for w in sources),
                }
            )  # fmt: skip
        return original(tensor)
