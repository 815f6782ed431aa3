"""Products of matrices."""

from __future__ import annotations

from typing import Any


import numpy as np

from ..base.errors import ShapeError, message
from ..graph.op import Op


def conj(x: Any) -> Any:
    """The complex conjugate; real numbers are their own, and are not copied."""
    return x.conj() if x.dtype.kind == "c" else x


def times(a: Any, b: Any) -> Any:
    """The product of two matrices; on arrays by ``dot``, which has half the overhead of the matmul ufunc."""
    return a.dot(b) if type(a) is np.ndarray else a @ b


class MatMul(Op):
    """y[…, i, j] = Σₖ a[…, i, k] · b[…, k, j], leading axes broadcast"""

    symbol = "@"
    broadcasts = True

    def forward(self, a: Any, b: Any) -> Any:
        if a.shape[-1] != b.shape[-2]:
            raise ShapeError(mismatch(a.shape, b.shape))
        return a @ b

    def pull_a(self, g: Any, b: Any) -> Any:
        return g @ conj(b).mT

    def pull_b(self, g: Any, a: Any) -> Any:
        return conj(a).mT @ g


def mismatch(a: tuple[int, ...], b: tuple[int, ...]) -> str:
    instead = ""
    if a[-1] == b[-1]:
        instead = "a @ b.T (transpose the second)"
    elif a[-2:-1] == b[-2:-1]:
        instead = "a.T @ b (transpose the first)"
    return message(
        f"mat1 and mat2 shapes cannot be multiplied ({'x'.join(map(str, a))} and {'x'.join(map(str, b))})",
        f"each row of the first has {a[-1]} entries, each column of the second {b[-2]}; they must be equal",
        instead,
    )


matmul = MatMul()
