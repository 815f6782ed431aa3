"""Softmax and its logarithm: numbers as shares of one."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes
from ..base.dtypes import title
from ..base.errors import message
from ..base.shapes import axis
from ..graph.apply import apply
from ..graph.promote import cast
from ..graph.value import wrap
from ..ops import stable as op
from .coerce import tensor_like
from .inplace import into
from .spelling import numpy_spelling


@numpy_spelling
def softmax(input: Any, dim: int, dtype: Any = None, *, out: Any = None) -> Any:
    """y = eˣ / Σ eˣ along ``dim``: positive numbers that sum to one; computed in ``dtype`` if given.

    >>> torch.softmax(torch.tensor([0., 0., 0., 0.]), dim=0)
    tensor([0.2500, 0.2500, 0.2500, 0.2500])
    """
    return into(out, along(op.Softmax, "softmax", input, dim, dtype))


@numpy_spelling
def log_softmax(input: Any, dim: int, dtype: Any = None, *, out: Any = None) -> Any:
    """y = x − ln Σ eˣ along ``dim``: the logarithm of `softmax`, computed without overflow.

    >>> torch.log_softmax(torch.tensor([1., 1.]), 0)
    tensor([-0.6931, -0.6931])
    """
    return into(out, along(op.LogSoftmax, "log_softmax", input, dim, dtype))


def along(kind: Any, name: str, input: Any, dim: int, dtype: Any) -> Any:
    """Apply softmax or its logarithm along one axis."""
    n = tensor_like(input, "input", name).array.ndim
    if dtype is not None:
        input = cast(input, dtype)
    x = input.array
    axis(dim, n)
    if x.dtype.kind not in "fV":
        if not x.size:
            return wrap(np.empty(x.shape, x.dtype))
        raise NotImplementedError(
            message(
                f'"{name}_lastdim_kernel_impl" not implemented for \'{title(dtypes.of(x))}\'',
                "shares of one are not integers",
                "x.float()",
            )
        )
    if n == 0:
        return apply(kind(0), input.reshape(1)).reshape(())
    return apply(kind.along(dim if 0 <= dim < n else axis(dim, n)), input)
