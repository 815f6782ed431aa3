"""Ops that move entries without changing them: reshape, permute, expand."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.op import Op, unbroadcast
from ..graph.value import Value


class Reshape(Op):
    """The same entries, read in the same order, under another shape."""

    fields = ("shape",)
    view = True
    slow = ""
    torch_name = "ViewBackward0"

    def forward(self, x: Any) -> Any:
        return x.reshape(self.shape)

    def pull_x(self, g: Any, x_shape: Any) -> Any:
        return g.reshape(x_shape)


class Permute(Op):
    """y's axis i is x's axis order[i]."""

    fields = ("order",)
    view = True
    slow = ""

    def forward(self, x: Any) -> Any:
        return x.transpose(self.order)

    def pull_x(self, g: Any) -> Any:
        return Permute(tuple(np.argsort(self.order).tolist()))(g)


class Transpose(Op):
    """Two axes exchanged."""

    fields = ("first", "second")
    view = True
    slow = ""

    def forward(self, x: Any) -> Any:
        return x.swapaxes(self.first, self.second)

    def pull_x(self, g: Any) -> Any:
        return self(g)


class Expand(Op):
    """Repeat axes of size 1, and new leading ones, without copying."""

    fields = ("shape",)
    view = True
    slow = ""

    def forward(self, x: Any) -> Any:
        return np.broadcast_to(x, self.shape)

    def pull_x(self, g: Any, x_shape: Any) -> Any:
        return unbroadcast(g, x_shape)


def expand(x: Any, shape: tuple[int, ...]) -> Any:
    return x if isinstance(x, Value) and x.array.shape == shape else Expand(shape)(x)
