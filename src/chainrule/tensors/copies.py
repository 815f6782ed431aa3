"""The functions that give views, under the names of theirs that give copies: ``torch.t_copy`` and its like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..base.layout import contiguous_format
from ..base.shapes import axis
from ..graph.promote import known_as
from . import axes, complex, indexing, joining, rearranging, shape
from .inplace import into
from .pointwise import named


def slice_of(input: Any, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Any:
    return input[(*[slice(None)] * axis(dim, input.array.ndim), slice(start, end, step))]


def same(input: Any) -> Any:
    return input.view(input.array.shape)


def view(input: Any, *size: Any) -> Any:
    return input.view(*size)


def unfold(input: Any, dimension: int, size: int, step: int) -> Any:
    return rearranging.unfold(input, dimension, size, step)


VIEWS: dict[str, Callable[..., Any]] = {
    "alias": same,
    "as_strided": rearranging.as_strided,
    "detach": lambda input: input.detach(),
    "diagonal": rearranging.diagonal,
    "expand": lambda input, size, implicit=False: input.expand(size),
    "narrow": indexing.narrow,
    "permute": axes.permute,
    "select": indexing.select,
    "slice": slice_of,
    "split": joining.split,
    "split_with_sizes": joining.split_with_sizes,
    "squeeze": shape.squeeze,
    "t": axes.t,
    "transpose": axes.transpose,
    "unbind": joining.unbind,
    "unfold": unfold,
    "unsqueeze": shape.unsqueeze,
    "view": shape.reshape,
    "view_as_complex": complex.view_as_complex,
    "view_as_real": complex.view_as_real,
}


def copying(name: str) -> Callable[..., Any]:
    """The function ``name_copy``: what ``name`` gives, in memory of its own.

    >>> x = torch.zeros(2, 3)
    >>> y = torch.t_copy(x)
    >>> x[0, 0] = 1
    >>> y[0, 0]
    tensor(0.)
    """
    function = VIEWS[name]
    node = "".join(part.capitalize() for part in name.split("_")) + "Backward0_copy"

    def copied(*args: Any, out: Any = None, **options: Any) -> Any:
        y = function(*args, **options)
        if isinstance(y, (tuple, list)):
            return into(out, tuple([known_as(part.clone(memory_format=contiguous_format), node) for part in y]))
        return into(out, known_as(y.clone(memory_format=contiguous_format), node))

    return named(copied, f"{name}_copy", f"What ``{name}`` gives, in memory of its own.")


alias_copy, as_strided_copy, detach_copy = copying("alias"), copying("as_strided"), copying("detach")
diagonal_copy, expand_copy, narrow_copy = copying("diagonal"), copying("expand"), copying("narrow")
permute_copy, select_copy, slice_copy = copying("permute"), copying("select"), copying("slice")
split_copy, split_with_sizes_copy, squeeze_copy = copying("split"), copying("split_with_sizes"), copying("squeeze")
t_copy, transpose_copy, unbind_copy = copying("t"), copying("transpose"), copying("unbind")
unfold_copy, unsqueeze_copy, view_copy = copying("unfold"), copying("unsqueeze"), copying("view")
view_as_complex_copy, view_as_real_copy = copying("view_as_complex"), copying("view_as_real")
