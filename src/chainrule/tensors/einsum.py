"""Einstein's summation: products of entries summed over the letters that the result does not name."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from string import ascii_letters
from typing import Any

from ..base.errors import message
from .coerce import tensor_like
from .linalg import matmul


def einsum(equation: Any, *operands: Any) -> Any:
    """Products of entries summed over the letters that the result does not name.

    Each operand's axes are named by letters, ``…`` stands for any leading axes; pairs of operands are contracted from
    left to right, each as one matrix product.

    >>> a, b = torch.ones(2, 3), torch.ones(3, 4)
    >>> torch.einsum("ij,jk->ik", a, b).shape
    torch.Size([2, 4])
    """
    if not isinstance(equation, str):
        equation, operands = spelled(equation, *operands)
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    for x in operands:
        tensor_like(x, "operands", "einsum")
    terms, result = parse(equation.replace(" ", ""), operands)
    sizes = letter_sizes(terms, operands)
    current, names = single(operands[0], terms[0], set("".join(terms[1:])) | set(result))
    for k in range(1, len(operands)):
        needed = set("".join(terms[k + 1 :])) | set(result)
        other, other_names = single(operands[k], terms[k], needed | set(names))
        current, names = pair(current, names, other, other_names, needed, sizes)
    extra = [i for i, c in enumerate(names) if c not in result]
    if extra:
        current = current.sum(extra)
        names = "".join(c for c in names if c in result)
    order = [names.index(c) for c in result]
    return current if order == list(range(len(order))) else current.permute(order)


def spelled(*args: Any) -> tuple[str, tuple[Any, ...]]:
    """The string form of ``einsum(a, [0, 1], b, [1, 2], [0, 2])``."""
    letters = ascii_letters.swapcase()  # PyTorch's order, which is that of the result's axes: A … Z, a … z

    def text(indices: Sequence[Any]) -> str:
        return "".join("..." if i is Ellipsis else letters[i] for i in indices)

    operands = args[0 : len(args) // 2 * 2 : 2]
    equation = ",".join(text(i) for i in args[1::2])
    if len(args) % 2:
        equation += "->" + text(args[-1])
    return equation, operands


def parse(equation: str, operands: tuple[Any, ...]) -> tuple[list[str], str]:
    """The letters of each operand and of the result; an ellipsis becomes capital Greek letters, aligned at its end."""
    left, arrow, result = equation.partition("->")
    terms = left.split(",")
    if len(terms) != len(operands):
        raise RuntimeError(
            f"einsum(): {'more' if len(operands) > len(terms) else 'fewer'} operands were provided than specified in the "
            f"equation: {len(operands)} operands, {len(terms)} terms in '{equation}'"
        )
    for place, c in enumerate(equation):
        if c not in ascii_letters and c not in ",.->":
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {place} in the equation string, subscripts must be in [a-zA-Z]"
            )
    counts = [x.array.ndim - len(t.replace("...", "")) if "..." in t else 0 for t, x in zip(terms, operands)]
    most = max(counts)
    greek = "ΑΒΓΔΕΖΗΘΙΚΛΜ"[:most]
    terms = [t.replace("...", greek[most - n :]) for t, n in zip(terms, counts)]
    for k, (t, x) in enumerate(zip(terms, operands)):
        if len(t) != x.array.ndim:
            raise RuntimeError(
                message(
                    "einsum(): the number of subscripts in the equation "
                    f"({len(t)}) does not match the number of dimensions ({x.array.ndim}) for operand {k} and no ellipsis was given",
                    f"operand {k} has shape {list(x.shape)}, its subscripts are '{t}'",
                )
            )
    if arrow:
        result = result.replace("...", greek)
        for c in result:
            if not any(c in t for t in terms):
                raise RuntimeError(
                    f"einsum(): output subscript {c} does not appear in the equation for any input operand"
                )
            if result.count(c) > 1:
                raise RuntimeError(f"einsum(): output subscript {c} appears more than once in the output")
    else:
        every = "".join(terms)
        result = greek + "".join(sorted(c for c in set(every) if every.count(c) == 1 and c not in greek))
    return terms, result


def letter_sizes(terms: list[str], operands: tuple[Any, ...]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for k, (t, x) in enumerate(zip(terms, operands)):
        for c, n in zip(t, x.array.shape):
            if sizes.get(c, 1) != 1 and n not in (1, sizes[c]):
                if t.count(c) > 1:
                    raise RuntimeError(
                        f"einsum(): subscript {c} is repeated for operand {k} but the sizes don't match, {n} != {sizes[c]}"
                    )
                raise RuntimeError(
                    f"einsum(): subscript {c} has size {n} for operand {k} which does not broadcast with previously seen "
                    f"size {sizes[c]}"
                )
            if n != 1 or c not in sizes:
                sizes[c] = n
    return sizes


def single(x: Any, names: str, needed: set[str]) -> tuple[Any, str]:
    """An operand with repeated letters taken as a diagonal, and letters that nothing else names summed away."""
    for c in set(names):
        while names.count(c) > 1:
            i = names.index(c)
            j = names.index(c, i + 1)
            x = x.diagonal(0, i, j)  # the diagonal becomes the last axis
            names = names[:i] + names[i + 1 : j] + names[j + 1 :] + c
    gone = [i for i, c in enumerate(names) if c not in needed]
    if gone:
        x = x.sum(gone)
        names = "".join(c for c in names if c in needed)
    return x, names


def pair(a: Any, a_names: str, b: Any, b_names: str, needed: set[str], sizes: dict[str, int]) -> tuple[Any, str]:
    """Two operands contracted to one: shared letters stay as a batch if still needed, and are summed over if not."""
    batch = [c for c in a_names if c in b_names and c in needed]
    inner_ = [c for c in a_names if c in b_names and c not in needed]
    left = [c for c in a_names if c not in b_names]
    right = [c for c in b_names if c not in a_names]
    if not inner_:  # nothing is summed: align the axes and multiply
        names = batch + left + right
        return aligned(a, a_names, names) * aligned(b, b_names, names), "".join(names)
    for c in inner_ + batch:  # a size of 1 meets a larger one
        for which in (0, 1):
            x, x_names = ((a, a_names), (b, b_names))[which]
            i = x_names.index(c)
            if x.array.shape[i] != sizes[c]:
                x = x.expand([sizes[c] if j == i else n for j, n in enumerate(x.array.shape)])
                a, b = (x, b) if which == 0 else (a, x)
    count = {g: prod(sizes[c] for c in letters) for g, letters in (("b", batch), ("i", inner_))}
    l_sizes = [a.array.shape[a_names.index(c)] for c in left]
    r_sizes = [b.array.shape[b_names.index(c)] for c in right]
    x = a.permute([a_names.index(c) for c in batch + left + inner_]).reshape(count["b"], prod(l_sizes), count["i"])
    y = b.permute([b_names.index(c) for c in batch + inner_ + right]).reshape(count["b"], count["i"], prod(r_sizes))
    z = matmul(x, y) if batch else matmul(x.squeeze(0), y.squeeze(0))
    return z.reshape([sizes[c] for c in batch] + l_sizes + r_sizes), "".join(batch + left + right)


def aligned(x: Any, names: str, wanted: list[str]) -> Any:
    """``x`` with its axes in the wanted order, and axes of size 1 for the letters it lacks."""
    x = x.permute([names.index(c) for c in wanted if c in names])
    if len(names) == len(wanted):
        return x
    sizes = iter(x.array.shape)
    return x.reshape([next(sizes) if c in names else 1 for c in wanted])
