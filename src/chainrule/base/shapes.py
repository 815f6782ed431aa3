"""Pure functions on shapes: broadcasting and its undoing, negative dims, reduced shapes, views."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import prod

from .errors import ShapeError, message

Shape = tuple[int, ...]


def broadcast(*shapes: Shape) -> Shape:
    """The common shape of operands, aligned at their last axis; a size of 1 repeats.

    >>> broadcast((4, 1), (3,))
    (4, 3)
    """
    result: list[int] = []
    for axis in range(1, max(map(len, shapes), default=0) + 1):
        size = 1
        for shape in shapes:
            here = shape[-axis] if axis <= len(shape) else 1
            if here != 1:
                if size not in (1, here):
                    raise ShapeError(mismatch(shapes, len(result), size, here))
                size = here
        result.append(size)
    return tuple(reversed(result))


def mismatch(shapes: Sequence[Shape], from_last: int, first: int, second: int) -> str:
    from .operands import names  # only once something has gone wrong

    axis = max(map(len, shapes)) - 1 - from_last
    spelled = " and ".join(str(list(s)) for s in shapes)
    if len(shapes) == 2:
        a, b = names(*shapes)
        spelled = f"{list(shapes[0])} (`{a}`) and {list(shapes[1])} (`{b}`)" if (a, b) != ("a", "b") else spelled
    return message(
        f"The size of tensor a ({first}) must match the size of tensor b ({second}) at non-singleton dimension {axis}",
        f"shapes {spelled} are aligned at their last axis, and there {first} meets {second}; only equal sizes, or a 1, pair up"
        if not from_last
        else f"shapes {spelled} are aligned at their last axis; {from_last + 1} from the end, {first} meets {second}; only equal "
        "sizes, or a 1, pair up",
        hint(shapes),
    )


def hint(shapes: Sequence[Shape]) -> str:
    """What would most likely mend two shapes that do not broadcast."""
    from .operands import names

    if len(shapes) != 2:
        return ""
    (a, b), (x, y) = shapes, map(in_brackets, names(*shapes))
    if len(a) == 2 and len(b) == 2 and a == b[::-1]:
        return f"transpose one of them: {y}.T"
    if prod(a) == prod(b):
        return f"reshape one of them: {y}.reshape({', '.join(map(str, a))})"
    if len(b) == 1 and len(a) == 2 and a[0] == b[0]:
        return f"make {y} a column: {y}.unsqueeze(1)"
    if len(a) == 1 and len(b) == 2 and b[0] == a[0]:
        return f"make {x} a column: {x}.unsqueeze(1)"
    return ""


def in_brackets(expression: str) -> str:
    """An expression in parentheses, where a method could not follow it otherwise.

    >>> in_brackets("a - b"), in_brackets("net(x)")
    ('(a - b)', 'net(x)')
    """
    return f"({expression})" if " " in re.sub(r"\(.*\)|\[.*\]", "", expression) else expression


def stretched(shape: Shape, full: Shape) -> tuple[int, ...]:
    """The axes of ``full`` along which ``shape`` was repeated to fill it.

    >>> stretched((4, 1), (2, 4, 3))
    (0, 2)
    """
    lead = len(full) - len(shape)
    return (*range(lead), *(lead + i for i, n in enumerate(shape) if n == 1 and full[lead + i] != 1))


def axis(dim: int, ndim: int) -> int:
    """A non-negative axis number for ``dim``, which may count from the end; 0-dim tensors accept 0 and -1.

    >>> axis(-1, 3)
    2
    """
    low = max(ndim, 1)
    if not -low <= dim < low:
        raise IndexError(
            message(
                f"Dimension out of range (expected to be in range of [{-low}, {low - 1}], but got {dim})",
                f"the tensor has {ndim} dimension{'s' * (ndim != 1)}",
            )  # fmt: skip
        )
    return dim + low if dim < 0 else dim


def axes(dim: int | Iterable[int] | None, ndim: int) -> tuple[int, ...]:
    """Sorted, non-negative, distinct axes; None and ``()`` mean all of them.

    >>> axes(None, 2), axes(-1, 2), axes((0, -1), 3)
    ((0, 1), (1,), (0, 2))
    """
    if dim is None:
        return tuple(range(ndim))
    if isinstance(dim, int):
        return (axis(dim, ndim),) if ndim else (axis(dim, ndim),)[:0]
    found = [axis(d, ndim) for d in dim]
    if len(set(found)) < len(found):
        twice = next(d for d in found if found.count(d) > 1)
        raise RuntimeError(f"dim {twice} appears multiple times in the list of dims")
    return tuple(sorted(found)) if found and ndim else tuple(range(ndim))


def reduced(shape: Shape, over: Sequence[int], keepdim: bool) -> Shape:
    """The shape left after summing over some axes.

    >>> reduced((2, 3, 4), (1,), False), reduced((2, 3, 4), (1,), True)
    ((2, 4), (2, 1, 4))
    """
    if keepdim:
        return tuple(1 if i in over else n for i, n in enumerate(shape))
    return tuple(n for i, n in enumerate(shape) if i not in over)


def resolve(sizes: Sequence[int], numel: int) -> Shape:
    """Fill in the one -1 of a reshape.

    >>> resolve((2, -1), 6)
    (2, 3)
    """
    sizes = tuple(sizes)
    for n in sizes:
        if n < -1:
            raise RuntimeError(f"invalid shape dimension {n} at index {sizes.index(n)} of shape {list(sizes)}")
    if sizes.count(-1) > 1:
        raise RuntimeError(
            message(
                "only one dimension can be inferred",
                f"{list(sizes)} has {sizes.count(-1)} sizes of -1, each of which stands for what the others leave",
            )
        )
    if -1 in sizes:
        known = prod(n for n in sizes if n != -1)
        if known == 0 and numel == 0:
            raise RuntimeError(
                f"cannot reshape tensor of 0 elements into shape {list(sizes)} because the unspecified dimension size "
                "-1 can be any value and is ambiguous"
            )
        if known and numel % known == 0:
            return tuple(numel // known if n == -1 else n for n in sizes)
    elif prod(sizes) == numel:
        return sizes
    raise RuntimeError(
        message(
            f"shape '{list(sizes)}' is invalid for input of size {numel}",
            f"the new shape holds {prod(n for n in sizes if n != -1)} entries"
            + (" for each step of the inferred dimension" if -1 in sizes else "")
            + f", the tensor {numel}",
            another(sizes, numel),
        )
    )


def another(sizes: Sequence[int], numel: int) -> str:
    """A shape like the one asked for that the entries would fill: with the size inferred that most likely is wrong."""
    if not sizes or min(sizes) < -1 or 0 in sizes:
        return ""
    for place in (*range(len(sizes) - 1, 0, -1), 0):
        others = prod(n for i, n in enumerate(sizes) if i != place and n != -1)
        if -1 not in sizes and others and numel % others == 0:
            return f"x.reshape({', '.join('-1' if i == place else str(n) for i, n in enumerate(sizes))}), which has {numel // others} there"
    if -1 in sizes and len(sizes) > 1:
        return "x.flatten(1) to merge all axes after the first, or print(x.shape) just before this line"
    return ""
