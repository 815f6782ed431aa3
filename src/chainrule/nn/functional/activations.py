"""Activation functions by PyTorch's names; those that take ``inplace`` can write their result over their input."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from ...base.dtypes import of, title
from ...base.errors import message
from ...base.random import default_generator
from ...base.shapes import axis
from ...graph.apply import apply, binary, unary
from ...graph.value import Value
from ...ops import activations as op
from ...ops import scalar
from ...ops.gates import Glu, rrelu_with_noise
from ...tensors.coerce import tensor_like
from ...tensors.inplace import in_place, write


def finish(name: str, op: Any, input: Any, inplace: bool) -> Any:
    """Apply an op of one input, in place if asked for."""
    if not isinstance(input, Value):
        tensor_like(input, "input", name)
    y = unary(op, input)
    return write(input, y) if inplace else y


def function_of(op: Any, name: str, can_replace: bool = True) -> Callable[..., Any]:
    """The function by PyTorch's name that belongs to an op of one input."""

    def function(input: Any, inplace: bool = False) -> Any:
        if inplace or not isinstance(input, Value):
            return finish(name, op, input, inplace)
        return unary(op, input)

    def pure(input: Any) -> Any:
        return finish(name, op, input, False)

    made = function if can_replace else pure
    made.__name__ = made.__qualname__ = name
    made.__doc__ = op.__doc__
    return made


relu, relu6 = function_of(op.relu, "relu"), function_of(op.relu6, "relu6")
selu, silu, mish = function_of(op.selu, "selu"), function_of(op.silu, "silu"), function_of(op.mish, "mish")
hardsigmoid, hardswish = function_of(op.hard_sigmoid, "hardsigmoid"), function_of(op.hard_swish, "hardswish")
sigmoid, tanh = function_of(op.sigmoid, "sigmoid", False), function_of(scalar.tanh, "tanh", False)
logsigmoid = function_of(op.log_sigmoid, "logsigmoid", False)
tanhshrink = function_of(op.tanhshrink, "tanhshrink", False)


def softsign(input: Any) -> Any:
    """y = x / (1 + |x|)"""
    if isinstance(input, Value) and input.array.dtype.kind == "c":  # |x| is no function of x alone that can be derived by x
        z: Any = input
        return z / (z.abs() + 1)
    return finish("softsign", op.softsign, input, False)


# One op for each setting of its numbers; programs use few.
made = lru_cache(maxsize=256)(lambda kind, *numbers: kind(*numbers))


def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """y = x where x > 0, else negative_slope · x

    >>> F.leaky_relu(torch.tensor([-1., 2.]), 0.1)
    tensor([-0.1000,  2.0000])
    """
    if inplace and negative_slope < 0:
        raise RuntimeError(
            message(
                "In-place leakyReLu backward calculation is triggered with a negative slope which is not supported.",
                "from the result alone one could not tell which side an entry came from",
                "inplace=False",
            )
        )
    return finish("leaky_relu", made(op.LeakyRelu, negative_slope), input, inplace)


def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """y = x where x > 0, else alpha · (eˣ − 1)"""
    return finish("elu", made(op.Elu, alpha, 1, 1), input, inplace)


def celu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """y = x where x > 0, else alpha · (e^(x / alpha) − 1)"""
    if alpha == 0:
        raise RuntimeError(message("ZeroDivisionError: alpha cannot be 0 for CELU", "x is divided by it", "F.relu(x)"))
    return finish("celu", made(op.Celu, alpha, 1, 1 / alpha), input, inplace)


def gelu(input: Any, approximate: str = "none") -> Any:
    """y = x · Φ(x), Φ being the normal distribution; with ``approximate="tanh"`` Φ is approximated by a tanh.

    >>> F.gelu(torch.tensor([-1., 0., 1.]))
    tensor([-0.1587,  0.0000,  0.8413])
    """
    if approximate == "none":
        return finish("gelu", op.gelu, input, False)
    if approximate == "tanh":
        return finish("gelu", op.gelu_tanh, input, False)
    raise RuntimeError(message("approximate argument must be either none or tanh.", f"got approximate={approximate!r}"))


def softplus(input: Any, beta: float = 1, threshold: float = 20) -> Any:
    """y = ln(1 + e^(beta · x)) / beta, and x itself where beta · x > threshold"""
    return finish("softplus", made(op.Softplus, beta, threshold), input, False)


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """y = x, but at least min_val and at most max_val"""
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    return finish("hardtanh", made(op.HardTanh, min_val, max_val), input, inplace)


def hardshrink(input: Any, lambd: float = 0.5) -> Any:
    """y = x where |x| > lambd, else 0"""
    return finish("hardshrink", made(op.HardShrink, lambd), input, False)


def softshrink(input: Any, lambd: float = 0.5) -> Any:
    """y = x − lambd above lambd, x + lambd below −lambd, else 0"""
    if lambd < 0:
        raise RuntimeError(f"lambda must be greater or equal to 0, but found to be {lambd:g}.")
    return finish("softshrink", made(op.SoftShrink, lambd), input, False)


def threshold(input: Any, threshold: float, value: float, inplace: bool = False) -> Any:
    """y = x where x > threshold, else value"""
    if isinstance(input, Value) and input.array.dtype.kind in "ui":  # whose numbers both become
        threshold, value = int(threshold), int(value)
    return finish("threshold", made(op.Threshold, threshold, value), input, inplace)


def prelu(input: Any, weight: Any) -> Any:
    """y = x where x > 0, else w · x, with one w for all, or one for each channel (axis 1)

    >>> F.prelu(torch.tensor([[-1., -1.]]), torch.tensor([0.1, 0.2]))
    tensor([[-0.1000, -0.2000]])
    """
    x, w = tensor_like(input, "input", "prelu").array, tensor_like(weight, "weight", "prelu").array
    if x.dtype != w.dtype:
        raise RuntimeError(
            f"prelu: Type promoting not supported. Got {title(of(x)).lower()} and {title(of(w)).lower()}"
        )
    if w.ndim > 1:
        raise RuntimeError(
            f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {w.ndim}"
        )
    if w.size != 1:
        channels = x.shape[1] if x.ndim > 1 else 1
        if not x.ndim:
            raise RuntimeError("Not allow zero-dim input tensor.")
        if w.size != channels:
            raise RuntimeError(
                message(
                    f"Mismatch of parameter numbers and input channel size. Found parameter numbers = {w.size}, and channel "
                    f"size = {channels}.",
                    f"the input has shape {list(x.shape)}, whose axis 1 holds the channels",
                )
            )
    if w.ndim == 1 and x.ndim != 1:
        weight = weight.reshape((1, -1) + (1,) * (x.ndim - 2) if x.ndim > 1 else ())
    return binary(op.prelu, input, weight)


def rrelu(
    input: Any, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False, inplace: bool = False
) -> Any:
    """y = x where x > 0, else a · x, a drawn between lower and upper for each entry; their mean without ``training``"""
    x = tensor_like(input, "input", "rrelu").array
    if lower > upper:
        raise RuntimeError("Lower bound should be less than or equal to the upper bound")
    slope = slopes(x, lower, upper) if training else np.array((lower + upper) / 2, x.dtype)
    y = apply(rrelu_with_noise, input, slope)
    return write(input, y) if inplace else y


def slopes(x: np.ndarray, lower: float, upper: float) -> np.ndarray:
    """A slope for each entry that is not positive, drawn in their order; 1 for the others."""
    noise = np.ones(x.shape, x.dtype)
    negative = x <= 0
    noise[negative] = default_generator.uniform(int(negative.sum()), np.float64, lower, upper)
    return noise


def glu(input: Any, dim: int = -1) -> Any:
    """y = a · σ(b), a and b being the two halves of x along ``dim``

    >>> F.glu(torch.tensor([1., 2., 0., 0.]))
    tensor([0.5000, 1.0000])
    """
    x = tensor_like(input, "input", "glu").array
    if x.ndim == 0:
        raise RuntimeError("glu does not support 0-dimensional tensors")
    d = axis(dim, x.ndim)
    if x.shape[d] % 2:
        raise RuntimeError(
            message(
                f"Halving dimension must be even, but dimension {d} is size {x.shape[d]}",
                "one half is the value, the other its gate",
            )
        )
    return apply(made(Glu, d), input)


relu_, elu_, selu_, celu_ = map(in_place, (relu, elu, selu, celu))
hardtanh_, leaky_relu_, rrelu_, threshold_ = map(in_place, (hardtanh, leaky_relu, rrelu, threshold))
