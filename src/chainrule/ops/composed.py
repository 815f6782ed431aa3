"""Ops that have a name of their own but no rules: they are computed, and differentiated, through their formula.

The formula is read on values; what it records is kept, and a backward pass goes through it. So an op that is rarely used
needs to be said only once, and still appears as one node.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.modes import modes
from ..graph.backward import backward
from ..graph.op import Joint
from ..graph.value import Leaf, Value, wrap


class Composed(Joint, abstract=True):
    """An op that is its formula."""

    def forward(self, *arrays: Any) -> tuple[Any, Any]:
        inputs = [wrap(a) if isinstance(a, np.ndarray) else a for a in arrays]
        leaves: list[Any] = [None] * len(inputs)
        if modes.grad:
            for i, v in enumerate(inputs):
                if isinstance(v, Value) and v.array.dtype.kind in "fcV":
                    v.node = leaves[i] = Leaf(v)
        result = self.formula(*inputs)
        return result.array, (result, leaves, inputs)

    compute = forward

    def pullback(self, g: Any, kept: Any, needs: tuple[bool, ...]) -> tuple[Any, ...]:
        result, leaves, inputs = kept
        wanted = [leaf for leaf, need in zip(leaves, needs) if need and leaf is not None]
        found: dict[Any, Any] = {}
        if result.node is not None:
            found = backward([(result.node, np.asarray(g))], retain=True, only=wanted, capture=True)
        return tuple(
            [
                None if not need or leaf is None else found[leaf] if leaf in found else np.zeros_like(x.array)
                for leaf, need, x in zip(leaves, needs, inputs)
            ]
        )
