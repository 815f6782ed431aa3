"""The affine map of a layer, as one op: the product, the bias, and each gradient as one matrix product."""

from __future__ import annotations

from typing import Any

from ..base.errors import ShapeError, message
from ..graph.op import Op
from .matmul import conj, times
from .reduce import sum_over

ALL_BUT_LAST = [tuple(range(n - 1)) for n in range(65)]


class Linear(Op):
    """y[…, i] = Σⱼ w[i, j] · x[…, j] + b[i]"""

    fields = ("torch_name",)

    def forward(self, x: Any, w: Any, b: Any) -> Any:
        y = product(x, w)
        y += b
        return y

    def pull_x(self, g: Any, w: Any) -> Any:
        return times(g, conj(w)) if g.ndim == 2 else g @ conj(w)

    def pull_w(self, g: Any, x: Any) -> Any:
        return times(rows(g).mT, conj(rows(x)))

    def pull_b(self, g: Any) -> Any:
        return g if g.ndim == 1 else sum_over(g, ALL_BUT_LAST[g.ndim])


class LinearNoBias(Op):
    """y[…, i] = Σⱼ w[i, j] · x[…, j]"""

    fields = ("torch_name",)

    def forward(self, x: Any, w: Any) -> Any:
        return product(x, w)

    pull_x = Linear.pull_x
    pull_w = Linear.pull_w


def product(x: Any, w: Any) -> Any:
    """x @ wᵀ; ndarray.dot has half the overhead of the matmul ufunc, and merges leading axes into one product."""
    if x.shape[-1] != w.shape[-1]:
        raise ShapeError(mismatch(x.shape, w.shape))
    if x.ndim == 2:
        return x.dot(w.T)
    return x.reshape(-1, x.shape[-1]).dot(w.T).reshape(*x.shape[:-1], w.shape[0])


def rows(x: Any) -> Any:
    """All leading axes merged into one."""
    return x if x.ndim == 2 else x.reshape(-1, x.shape[-1])


def mismatch(x: tuple[int, ...], w: tuple[int, ...]) -> str:
    count = 1
    for n in x[:-1]:
        count *= n
    instead = f"nn.Linear({x[-1]}, {w[0]}), or give it inputs whose last axis has {w[1]} entries"
    if len(x) == 2 and x[0] == w[1]:
        instead = f"pass x.T (shape {list(x[::-1])}), or nn.Linear({x[-1]}, {w[0]})"
    elif len(x) > 2 and count * x[-1] % w[1] == 0 and x[0] * w[1] == count * x[-1]:
        instead = f"flatten each sample first: x.flatten(1) has {w[1]} features"
    return message(
        f"mat1 and mat2 shapes cannot be multiplied ({count}x{x[-1]} and {w[1]}x{w[0]})",
        f"the input has shape {list(x)}, {x[-1]} features in its last axis; the weight, of shape {list(w)}, takes {w[1]} features",
        instead,
    )


NAMES = {1: ("ViewBackward0", "SqueezeBackward4"), 2: ("AddmmBackward0", "MmBackward0")}
WITH = {n: Linear(NAMES.get(n, ("ViewBackward0",))[0]) for n in range(1, 9)}
WITHOUT = {n: LinearNoBias(NAMES.get(n, ("", "UnsafeViewBackward0"))[1]) for n in range(1, 9)}
