"""Products of vectors and matrices by PyTorch's names, and Einstein's summation."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from ..base.dtypes import title
from ..base.errors import DtypeError, ShapeError, message
from ..base.shapes import axis
from ..graph.apply import apply
from ..graph.value import Value
from ..ops import matmul as op
from .coerce import tensor_like
from .inplace import in_place, into


def same_dtype(a: Any, b: Any, words: str = "expected m1 and m2 to have the same dtype, but got: {} != {}") -> None:
    """Refuse to multiply tensors of different dtypes, as PyTorch does."""
    if a.array.dtype is not b.array.dtype and a.array.dtype != b.array.dtype:
        wide, narrow = (a, b) if a.array.dtype.itemsize >= b.array.dtype.itemsize else (b, a)
        raise DtypeError(
            message(
                words.format(ctype(a), ctype(b)),
                f"one operand is {a.dtype}, the other {b.dtype}; NumPy arrays "
                "and Python's floats in arrays are float64 unless told otherwise",
                f"convert the {wide.dtype} one: x.to({narrow.dtype})",
            )
        )


def ctype(x: Any) -> str:
    """PyTorch's names for dtypes in the messages of matrix products."""
    names = {
        "Float": "float",
        "Double": "double",
        "Long": "long long",
        "Int": "int",
        "Half": "c10::Half",
        "Bool": "bool",
    }
    return names.get(title(x.dtype), title(x.dtype))


def matmul(input: Any, other: Any, *, out: Any = None) -> Any:
    """The product input @ other: of matrices, of vectors (their dot product), of stacks of matrices (leading axes broadcast).

    >>> torch.matmul(torch.tensor([[1., 2.], [3., 4.]]), torch.tensor([1., 1.]))
    tensor([3., 7.])
    """
    if not isinstance(other, Value):
        tensor_like(other, "other", "matmul")
    a, b = input.array.ndim, other.array.ndim
    same_dtype(input, other)
    if a == 2 and b == 2:
        y = apply(op.mm, input, other)
    elif a == 0 or b == 0:
        raise RuntimeError(
            message(
                f"both arguments to matmul need to be at least 1D, but they are {a}D and {b}D",
                instead="x * y, for a number times a tensor",
            )
        )
    elif a == 1 and b == 1:
        y = dot(input, other)
    elif b == 1:
        y = apply(op.mv if a == 2 else op.mv_each, input, other)
    elif a == 1:
        y = apply(op.vm if b == 2 else op.vm_each, input, other)
    else:
        y = apply(op.folded if a == 2 and input.node is not None else op.matmul, input, other)
    return y if out is None else into(out, y)


def mm(input: Any, mat2: Any, *, out: Any = None) -> Any:
    """The product of two matrices (n × k) and (k × m)."""
    for name, t in (("self", input), ("mat2", mat2)):
        if t.array.ndim != 2:
            raise ShapeError(
                message(
                    f"{name} must be a matrix",
                    f"it has shape {list(t.shape)}",
                    "torch.matmul(a, b), which also takes vectors and stacks",
                )
            )
    same_dtype(input, mat2)
    return into(out, apply(op.mm, input, mat2))


def bmm(input: Any, mat2: Any, *, out: Any = None) -> Any:
    """The products of two stacks of matrices, (b × n × k) and (b × k × m), pair by pair."""
    for name, t in (("batch1", input), ("batch2", mat2)):
        if t.array.ndim != 3:
            raise ShapeError(
                message(f"{name} must be a 3D tensor", f"it has shape {list(t.shape)}", "torch.matmul(a, b)")
            )
    a, b = input.array.shape, mat2.array.shape
    if a[0] != b[0] or a[2] != b[1]:
        raise ShapeError(
            message(
                f"Expected size for first two dimensions of batch2 tensor to be: [{a[0]}, {a[2]}] but got: [{b[0]}, {b[1]}].",
                f"{list(a)} holds {a[0]} matrices with {a[2]} columns",
            )
        )
    same_dtype(input, mat2)
    return into(out, apply(op.bmm, input, mat2))


def mv(input: Any, vec: Any, *, out: Any = None) -> Any:
    """The product of a matrix and a vector."""
    if input.array.ndim != 2 or vec.array.ndim != 1:
        raise ShapeError(
            f"vector + matrix @ vector expected, got {vec.array.ndim}, {input.array.ndim}, {vec.array.ndim}"
        )
    same_dtype(input, vec)
    return into(out, apply(op.mv, input, vec))


def dot(input: Any, tensor: Any, *, out: Any = None) -> Any:
    """Σᵢ inputᵢ · tensorᵢ of two vectors."""
    a, b = input.array.shape, tensor.array.shape
    if len(a) != 1 or len(b) != 1:
        raise ShapeError(
            message(
                f"1D tensors expected, but got {len(a)}D and {len(b)}D tensors",
                f"shapes {list(a)} and {list(b)}",
                "(x * y).sum(), or torch.matmul(x, y)",
            )
        )
    if a != b:
        raise ShapeError(
            f"inconsistent tensor size, expected tensor {list(a)} and src {list(b)} to have the same number of elements, "
            f"but got {a[0]} and {b[0]} elements respectively"
        )
    if input.array.dtype != tensor.array.dtype:
        raise DtypeError(
            f"dot : expected both vectors to have same dtype, but found {title(input.dtype)} and {title(tensor.dtype)}"
        )
    return into(out, apply(op.dot, input, tensor))


def vdot(input: Any, other: Any, *, out: Any = None) -> Any:
    """Σᵢ conj(inputᵢ) · otherᵢ of two vectors."""
    return dot(input.conj() if input.is_complex() else input, other, out=out)


def inner(input: Any, other: Any, *, out: Any = None) -> Any:
    """Products summed over the last axis of both."""
    if input.array.ndim == 0 or other.array.ndim == 0:
        return into(out, input * other)
    return into(out, tensordot(input, other, ([-1], [-1])))


def outer(input: Any, vec2: Any, *, out: Any = None) -> Any:
    """y[i, j] = input[i] · vec2[j]

    >>> torch.outer(torch.tensor([1., 2.]), torch.tensor([3., 4.]))
    tensor([[3., 4.],
            [6., 8.]])
    """
    for i, t in enumerate((input, vec2)):
        if t.array.ndim != 1:
            raise ShapeError(f"outer: Expected 1-D argument {('self', 'vec2')[i]}, but got {t.array.ndim}-D")
    return into(out, input.unsqueeze(1) * vec2)


ger = outer


def addmm(input: Any, mat1: Any, mat2: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None) -> Any:
    """beta · input + alpha · (mat1 @ mat2)"""
    return into(out, scaled(input, beta) + scaled(mm(mat1, mat2), alpha))


def addmv(input: Any, mat: Any, vec: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None) -> Any:
    """beta · input + alpha · (mat @ vec)"""
    return into(out, scaled(input, beta) + scaled(mv(mat, vec), alpha))


def addr(input: Any, vec1: Any, vec2: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None) -> Any:
    """beta · input + alpha · (vec1 ⊗ vec2)"""
    return into(out, scaled(input, beta) + scaled(outer(vec1, vec2), alpha))


def baddbmm(input: Any, batch1: Any, batch2: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None) -> Any:
    """beta · input + alpha · (batch1 @ batch2), matrix by matrix"""
    return into(out, scaled(input, beta) + scaled(bmm(batch1, batch2), alpha))


def addbmm(input: Any, batch1: Any, batch2: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None) -> Any:
    """beta · input + alpha · Σ (batch1 @ batch2), summed over the batch"""
    return into(out, scaled(input, beta) + scaled(bmm(batch1, batch2).sum(0), alpha))


def scaled(x: Any, by: Any) -> Any:
    return x if by == 1 else x * by


addmm_, addmv_, addr_, baddbmm_, addbmm_ = (in_place(f) for f in (addmm, addmv, addr, baddbmm, addbmm))


def trace(input: Any) -> Any:
    """The sum of the diagonal of a matrix."""
    if input.array.ndim != 2:
        raise ShapeError(f"trace: expected a matrix, but got tensor with dim {input.array.ndim}")
    return input.diagonal().sum()


def chain_matmul(*matrices: Any) -> Any:
    """The product of a chain of matrices, in the order that takes the fewest operations."""
    mats = list(matrices[0]) if len(matrices) == 1 and not isinstance(matrices[0], Value) else list(matrices)
    while len(mats) > 1:
        sizes = [m.shape[1] for m in mats[:-1]]
        i = max(range(len(sizes)), key=sizes.__getitem__)
        mats[i : i + 2] = [mm(mats[i], mats[i + 1])]
    return mats[0]


def matrix_power(input: Any, n: int) -> Any:
    """input @ input @ … n times; n = 0 gives the identity, n < 0 powers of the inverse."""
    x = input
    if n < 0:
        from .decompositions import inv

        x, n = inv(input), -n
    if n == 0:
        from .filled import eye

        return eye(x.shape[-1], dtype=x.dtype).expand(x.shape).clone()
    result = None
    while n:
        if n & 1:
            result = x if result is None else matmul(result, x)
        n >>= 1
        x = matmul(x, x) if n else x
    return result


def kron(input: Any, other: Any, *, out: Any = None) -> Any:
    """The Kronecker product: every entry of ``input`` times all of ``other``."""
    n = max(input.array.ndim, other.array.ndim)
    a = (1,) * (n - input.array.ndim) + input.array.shape
    b = (1,) * (n - other.array.ndim) + other.array.shape
    pairs = [s for x in a for s in (x, 1)], [s for x in b for s in (1, x)]
    y = input.reshape(pairs[0]) * other.reshape(pairs[1])
    return into(out, y.reshape([p * q for p, q in zip(a, b)]))


def cross(input: Any, other: Any, dim: int | None = None, *, out: Any = None) -> Any:
    """The cross product of vectors of three entries along ``dim`` (by default the first axis of size 3)."""
    a, b = input.expand(np.broadcast_shapes(input.array.shape, other.array.shape)), other
    b = other.expand(a.shape)
    if dim is None:
        threes = [i for i, n in enumerate(a.array.shape) if n == 3]
        if not threes:
            raise RuntimeError("no dimension of size 3 in input")
        dim = threes[0]
    d = axis(dim, a.array.ndim)
    if a.array.shape[d] != 3:
        raise RuntimeError(
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {a.array.shape[d]} and {b.array.shape[d]}"
        )
    return into(out, a.roll(-1, d) * b.roll(-2, d) - a.roll(-2, d) * b.roll(-1, d))


def tensordot(a: Any, b: Any, dims: Any = 2, out: Any = None) -> Any:
    """Products summed over pairs of axes: the last ``dims`` of a with the first of b, or two lists of axes."""
    if isinstance(dims, Value):
        dims = dims.array.tolist()
    if isinstance(dims, int):
        first, second = list(range(a.array.ndim - dims, a.array.ndim)), list(range(dims))
    else:
        first, second = ([d] if isinstance(d, int) else list(d) for d in dims)
    first, second = [axis(d, a.array.ndim) for d in first], [axis(d, b.array.ndim) for d in second]
    for i, j in zip(first, second):
        if a.array.shape[i] != b.array.shape[j]:
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {a.array.shape[i]} in dim {i} and "
                f"second has size {b.array.shape[j]} in dim {j}"
            )
    free_a = [i for i in range(a.array.ndim) if i not in first]
    free_b = [j for j in range(b.array.ndim) if j not in second]
    inner_size = prod(a.array.shape[i] for i in first)
    left = (
        a.permute(free_a + first).reshape(-1, inner_size)
        if a.array.size
        else a.permute(free_a + first).reshape(prod(a.array.shape[i] for i in free_a), inner_size)
    )
    right = (
        b.permute(second + free_b).reshape(inner_size, -1)
        if b.array.size
        else b.permute(second + free_b).reshape(inner_size, prod(b.array.shape[j] for j in free_b))
    )
    y = matmul(left, right).reshape([a.array.shape[i] for i in free_a] + [b.array.shape[j] for j in free_b])
    return into(out, y)


# ---------------------------------------------------------------------- Einstein's summation


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
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

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
                raise RuntimeError(
                    f"einsum(): subscript {c} has size {n} for operand {k} which does not broadcast with previously seen size {sizes[c]}"
                )
            sizes[c] = max(n, sizes.get(c, 1)) if n else 0
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
