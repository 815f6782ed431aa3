"""``out=`` of functions that return several results: a tensor for each of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from ..base.dtypes import of
from ..base.errors import message
from ..graph.value import Value
from .inplace import into
from .return_types import return_type

# How PyTorch's messages call dtypes here.
CALLED = {
    "float32": "float", "float64": "double", "float16": "c10::Half", "bfloat16": "c10::BFloat16", "int64": "long int",
    "int32": "int", "int16": "short int", "int8": "signed char", "uint8": "unsigned char", "bool": "bool",
    "complex64": "c10::complex<float>", "complex128": "c10::complex<double>",
}  # fmt: skip


def called(t: Any) -> str:
    name = of(t.array).name
    return CALLED.get(name, name)


def into_exactly(out: Any, result: Any) -> Any:
    """Write a result into a tensor of the same dtype; another one is refused."""
    if isinstance(out, Value) and out.array.dtype != result.array.dtype:
        raise RuntimeError(
            message(
                f"Expected out tensor to have dtype {called(result)}, but got {called(out)} instead",
                instead=f"torch.empty(0, dtype={of(result.array)})",
            )
        )
    return into(out, result)


def into_each(name: str, out: Any, results: Any) -> Any:
    """Write several results into as many tensors, which are returned under the results' names."""
    if not isinstance(out, (tuple, list)):
        raise TypeError(
            message(
                f"{name}(): argument 'out' must be tuple of Tensors, not {'Tensor' if isinstance(out, Value) else type(out).__name__}",
                f"there are {len(results)} results: {', '.join(results._fields)}",
                f"out=({', '.join(results._fields)}), a tensor each",
            )
        )
    if len(out) != len(results):
        raise TypeError(f"expected tuple of {len(results)} elements but got {len(out)}")
    return return_type(f"{name}_out", *results._fields)(*map(into_exactly, out, results))


def takes_out(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which also takes ``out=``: a tensor, or one for each result, of the results' dtypes.

    >>> values, indices = torch.empty(0), torch.empty(0, dtype=torch.int64)
    >>> _ = torch.kthvalue(torch.tensor([3.0, 1.0, 2.0]), 2, out=(values, indices)); values, indices
    (tensor(2.), tensor(2))
    """

    @wraps(function)
    def either(*args: Any, out: Any = None, **named: Any) -> Any:
        found = function(*args, **named)
        if out is None:
            return found
        return into_each(function.__name__, out, found) if isinstance(found, tuple) else into_exactly(out, found)

    return either
