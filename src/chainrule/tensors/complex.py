"""Complex numbers by PyTorch's names: conjugates, angles, and pairs of reals seen as complex numbers."""

from __future__ import annotations

from typing import Any

from ..base import dtypes
from ..base.errors import message
from ..graph.apply import plain
from ..graph.value import Value
from ..ops import complex as op
from .coerce import floating, tensor_like
from .inplace import into, write


def is_complex(x: Value) -> bool:
    return x.array.dtype.kind == "c"


def conj(input: Any) -> Any:
    """y = the complex conjugate of input; real tensors as they are.

    >>> torch.conj(torch.tensor([1 + 2j]))
    tensor([1.-2.j])
    """
    return plain(op.conj, input) if is_complex(tensor_like(input, "input", "conj")) else input


def conj_physical_(input: Any) -> Any:
    """`conj_physical` in place."""
    return write(input, conj(input))


def conj_physical(input: Any, *, out: Any = None) -> Any:
    """y = the complex conjugate of input, in memory of its own."""
    return into(out, conj(input))


def angle(input: Any, *, out: Any = None) -> Any:
    """y = the angle of input in the complex plane, from −π to π; for real numbers 0, or π where negative.

    >>> torch.angle(torch.tensor([1j, -1 + 0j]))
    tensor([1.5708, 3.1416])
    """
    return into(out, plain(op.angle, floating(tensor_like(input, "input", "angle"))))


def polar(abs: Any, angle: Any, *, out: Any = None) -> Any:
    """y = abs · (cos angle + i sin angle)

    >>> torch.polar(torch.tensor([2.]), torch.tensor([0.]))
    tensor([2.+0.j])
    """
    a, b = dtypes.of(tensor_like(abs, "abs", "polar").array), dtypes.of(tensor_like(angle, "angle", "polar").array)
    first, second = dtypes.title(a), dtypes.title(b)
    if not {a, b} <= {dtypes.float32, dtypes.float64}:
        raise RuntimeError(f"Expected both inputs to be Half, Float or Double tensors but got {first} and {second}")
    if a is not b:
        raise RuntimeError(f"Expected object of scalar type {first} but got scalar type {second} for second argument")
    return into(out, plain(op.polar, abs, angle))


def view_as_real(input: Any) -> Any:
    """y[…, 0] = Re input, y[…, 1] = Im input: a view on the same memory.

    >>> torch.view_as_real(torch.tensor([1 + 2j]))
    tensor([[1., 2.]])
    """
    if not is_complex(tensor_like(input, "input", "view_as_real")):
        raise RuntimeError("view_as_real is only supported for complex tensors")
    return plain(op.view_as_real, input)


def view_as_complex(input: Any) -> Any:
    """y = input[…, 0] + i · input[…, 1]: a view on the same memory.

    >>> torch.view_as_complex(torch.tensor([[1., 2.]]))
    tensor([1.+2.j])
    """
    x = tensor_like(input, "input", "view_as_complex").array
    if x.dtype.char not in "fd":
        raise RuntimeError(
            "view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: "
            f"{dtypes.title(dtypes.of(x))}"
        )
    if not x.ndim or x.shape[-1] != 2:
        raise RuntimeError(
            message(
                "Tensor must have a last dimension of size 2",
                f"its shape is {list(x.shape)}; each pair becomes one number",
            )
        )
    if x.strides[-1] != x.itemsize and x.size:
        raise RuntimeError(
            message(
                "Tensor must have a last dimension with stride 1", "the two parts lie apart in memory", "x.contiguous()"
            )
        )
    return plain(op.view_as_complex, input)


def resolve_conj(input: Any) -> Any:
    """The tensor itself: a conjugate is computed at once here, not when it is first read."""
    return tensor_like(input, "input", "resolve_conj")


def resolve_neg(input: Any) -> Any:
    """The tensor itself: a negative is computed at once here, not when it is first read."""
    return tensor_like(input, "input", "resolve_neg")


def is_conj(input: Any) -> bool:
    """False: no tensor waits to be conjugated."""
    return tensor_like(input, "input", "is_conj") is None


def is_neg(input: Any) -> bool:
    """False: no tensor waits to be negated."""
    return tensor_like(input, "input", "is_neg") is None
