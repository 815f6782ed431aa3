"""What a caller may write where a tensor, a dim or a size is meant, brought to one form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import index
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.errors import DtypeError, message
from ..graph.value import Value, wrap


def tensor_like(x: Any, name: str = "input", function: str = "", position: int = 1) -> Any:
    """``x`` if it is a tensor; otherwise PyTorch's TypeError."""
    if isinstance(x, Value):
        return x
    where = f"{function}(): " if function else ""
    raise TypeError(f"{where}argument '{name}' (position {position}) must be Tensor, not {type_name(x)}")


def type_name(x: Any) -> str:
    """The type of a value as messages spell it, with its module: ``numpy.ndarray``, but ``list``."""
    kind = type(x)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def operand(x: Any) -> Any:
    """A tensor or a Python number as it is; a NumPy array as a tensor on its memory."""
    return wrap(x) if isinstance(x, np.ndarray) else x


def sizes(args: Sequence[Any]) -> tuple[int, ...]:
    """The sizes in ``f(2, 3)``, ``f((2, 3))`` or ``f(torch.Size([2, 3]))``."""
    if len(args) == 1 and type(args[0]) is not int and isinstance(args[0], Iterable) and not isinstance(args[0], Value):
        args = tuple(args[0])
    for a in args:
        if type(a) is not int:
            return tuple([whole(a, i) for i, a in enumerate(args)])
    return args  # type: ignore[return-value]


def listed(args: tuple[Any, ...], named: dict[str, Any], name: str, function: str) -> tuple[int, ...]:
    """The ints in ``f(2, 3)`` or ``f((2, 3))``, or given by name: ``f(size=(2, 3))``."""
    if named:
        if args or name not in named or len(named) > 1:
            odd = next((n for n in named if n != name), name)
            raise TypeError(f"{function}() got an unexpected keyword argument '{odd}'")
        args = (named[name],)
    return sizes(args)


def whole(n: Any, place: int) -> int:
    """A Python int from anything that is one, such as NumPy's integers or an integer tensor of one entry."""
    try:
        return int(index(n))
    except TypeError:
        raise TypeError(
            message(
                f"argument 'size' must be tuple of ints, but found element of type {type(n).__name__} at pos {place}",
                f"a size counts entries, and this one is {n!r}",
                "n // 2 (not n / 2), or int(n)" if isinstance(n, float) else "",
            )
        ) from None


def number(x: Any) -> Any:
    """The Python number in a 0-dim tensor or NumPy scalar; other things as they are."""
    if isinstance(x, Value):
        return x.array.item()
    return x.item() if isinstance(x, np.generic) else x


def floating(x: Any) -> Any:
    """A tensor as it is if it holds reals or complex numbers, otherwise in the default floating dtype."""
    from ..graph.promote import cast

    return cast(x, dtypes.Defaults.dtype) if x.array.dtype.kind in "bui" else x


def require_floating(x: np.ndarray, words: str) -> None:
    """Refuse to take gradients with respect to integers; ``words`` are PyTorch's, which differ from place to place."""
    if x.dtype.kind in "bui":
        raise DtypeError(
            message(
                words,
                f"this tensor holds {dtypes.of(x)}; a derivative needs numbers that can change by a little",
                "x = x.float().requires_grad_()    (or torch.tensor([1., 2.], requires_grad=True))",
            )
        )
