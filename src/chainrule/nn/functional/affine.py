"""Affine and bilinear maps."""

from __future__ import annotations

from typing import Any

from ...graph.apply import apply
from ...graph.value import Value
from ...ops import linear as op
from ...tensors.coerce import tensor_like, type_name


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """y[…, i] = Σⱼ weight[i, j] · input[…, j] + bias[i]

    Shapes: input (…, in), weight (out, in) or (in,), bias (out,) or None, y (…, out) or (…).

    >>> F.linear(torch.tensor([[1., 2.]]), torch.tensor([[3., 4.]]), torch.tensor([0.5]))
    tensor([[11.5000]])
    """
    try:
        if bias is not None:
            return op.linear(input, weight, bias)
        x, w = input.array, weight.array
    except AttributeError:
        for place, name, value in ((1, "input", input), (2, "weight", weight), (3, "bias", bias)):
            if not isinstance(value, Value) and not (value is None and name == "bias"):
                raise TypeError(
                    f"linear(): argument '{name}' (position {place}) must be Tensor, not {type_name(value)}"
                ) from None
        raise
    if x.dtype is not w.dtype or x.ndim == 0 or w.ndim != 2:
        op.check(x, w)
        if w.ndim == 1:
            return input @ weight
    return apply(op.WITHOUT[x.ndim], input, weight)


def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """y[…, i] = Σ_{j, k} input1[…, j] · weight[i, j, k] · input2[…, k] + bias[i]

    Shapes: input1 (…, in1), input2 (…, in2), weight (out, in1, in2), bias (out,) or None, y (…, out).

    >>> F.bilinear(torch.ones(1, 2), torch.ones(1, 3), torch.ones(4, 2, 3))
    tensor([[6., 6., 6., 6.]])
    """
    for name, value in (("input1", input1), ("input2", input2), ("weight", weight)):
        tensor_like(value, name, "bilinear")
    op.check_bilinear(input1.array, input2.array, weight.array)
    outs, n, m = weight.array.shape
    lead = input1.array.shape[:-1]
    flat1, flat2 = input1.reshape(-1, n), input2.reshape(-1, m)
    # (rows, n) @ (n, outs · m), then each row's (outs, m) table meets that row of input2.
    tables = (flat1 @ weight.permute(1, 0, 2).reshape(n, outs * m)).reshape(-1, outs, m)
    y = (tables @ flat2.unsqueeze(2)).reshape(*lead, outs)
    return y if bias is None else y + bias
