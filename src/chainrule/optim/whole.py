"""`WholeOptimizer`: the base of optimizers whose rule reads a parameter as the matrix it is, not entry by entry."""

from __future__ import annotations

import numpy as np

from ..base.errors import message
from ..graph.value import wrap
from ..tensors.tensor import Tensor
from .optimizer import Group, Optimizer


class WholeOptimizer(Optimizer):
    """``update(p, g, s, group, t)`` is given each parameter in its shape, and state in the shapes that `fresh` says."""

    elementwise = False

    def update_group(self, group: Group, params: list[Tensor]) -> None:
        for p in params:
            x, g = p.array, p._grad.array
            if x.dtype.kind == "c":
                raise RuntimeError(
                    message(
                        f"{type(self).__name__} does not support complex parameters",
                        f"this one is {p.dtype}",
                        "torch.view_as_real(w).detach().requires_grad_(), or Adam",
                    )
                )
            state = self.state[p]
            if not state:
                state.update({"step": wrap(np.array(0.0, np.float32))} if self.counts_steps else {})
                state.update((name, wrap(start)) for name, start in self.fresh(x, group).items())
            t = 0
            if self.counts_steps:
                state["step"].array[...] += 1
                t = int(state["step"])
            arrays = {name: value.array for name, value in state.items() if name != "step"}
            x -= self.update(x, -g if group.get("maximize") else g, arrays, group, t)
            p.version[0] += 1


def rms(x: np.ndarray) -> np.ndarray:
    """√ mean x², in x's dtype."""
    return np.sqrt(np.mean(x * x))
