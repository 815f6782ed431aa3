"""Products of vectors and matrices by PyTorch's names, and Einstein's summation."""

from __future__ import annotations

import warnings
from math import prod
from typing import Any

from ..base.dtypes import of, title
from ..base.errors import DtypeError, ShapeError, message
from ..base.shapes import axis, broadcast, in_brackets
from ..graph.apply import apply
from ..graph.promote import known_as
from ..graph.value import Value
from ..ops import matmul as op
from .coerce import tensor_like
from .inplace import in_place, into
from .spelling import numpy_spelling


def same_dtype(a: Any, b: Any, words: str = "expected m1 and m2 to have the same dtype, but got: {} != {}") -> None:
    """Refuse to multiply tensors of different dtypes, as PyTorch does."""
    if a.array.dtype is not b.array.dtype and a.array.dtype != b.array.dtype:
        from ..base.operands import came_in  # only once something has gone wrong

        wide, narrow = (a, b) if a.array.dtype.itemsize >= b.array.dtype.itemsize else (b, a)
        raise DtypeError(
            message(
                words.format(ctype(a), ctype(b)),
                f"one operand is {a.dtype}, the other {b.dtype}{came_in(wide.array.dtype)}; NumPy arrays "
                "and Python's floats in arrays are float64 unless told otherwise",
                f"convert the {wide.dtype} one: {called(wide, a, b)}.to({narrow.dtype})",
            )
        )
    if a.array.dtype.char == "?":
        raise NotImplementedError(
            message(
                "\"addmm_impl_cpu_\" not implemented for 'Bool'",
                "a product of matrices adds up numbers, and these are truth values",
                "(a.float() @ b.float()) > 0, or a.long() @ b.long()",
            )
        )


def called(x: Any, a: Any, b: Any) -> str:
    """What the program calls one of two operands."""
    from ..base.operands import names

    name = names(a.array.shape, b.array.shape)[x is b]
    return "x" if name in ("a", "b") else in_brackets(name)


def ctype(x: Any) -> str:
    """PyTorch's names for dtypes in the messages of matrix products."""
    names = {
        "Float": "float",
        "Double": "double",
        "Long": "long int",
        "Int": "int",
        "Short": "short int",
        "Char": "signed char",
        "Byte": "unsigned char",
        "Bool": "bool",
        "Half": "c10::Half",
        "BFloat16": "c10::BFloat16",
        "ComplexFloat": "c10::complex<float>",
        "ComplexDouble": "c10::complex<double>",
    }
    return names.get(title(x.dtype), title(x.dtype))


def matmul(input: Any, other: Any, *, out: Any = None) -> Any:
    """The product input @ other: of matrices, of vectors (their dot product), of stacks of matrices (leading axes broadcast).

    >>> torch.matmul(torch.tensor([[1., 2.], [3., 4.]]), torch.tensor([1., 1.]))
    tensor([3., 7.])
    """
    if not (isinstance(input, Value) and isinstance(other, Value)):
        if getattr(input, "is_sparse", False):
            return into(out, input.mm(other))
        tensor_like(input, "input", "matmul")
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
    """The product of two matrices (n × k) and (k × m); the first may be sparse."""
    if not isinstance(input, Value) and getattr(input, "is_sparse", False):
        return into(out, input.mm(mat2))
    for name, t in (("self", input), ("mat2", mat2)):
        if tensor_like(t, name, "mm").array.ndim != 2:
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
        if tensor_like(t, name, "bmm").array.ndim != 3:
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
    if tensor_like(input, "input", "mv").array.ndim != 2 or tensor_like(vec, "vec", "mv").array.ndim != 1:
        raise ShapeError(
            f"vector + matrix @ vector expected, got {vec.array.ndim}, {input.array.ndim}, {vec.array.ndim}"
        )
    same_dtype(input, vec)
    return into(out, apply(op.mv, input, vec))


def dot(input: Any, tensor: Any, *, out: Any = None) -> Any:
    """Σᵢ inputᵢ · tensorᵢ of two vectors."""
    a, b = tensor_like(input, "input", "dot").array.shape, tensor_like(tensor, "tensor", "dot").array.shape
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
    if input.is_complex() or input.array.shape != other.array.shape or input.array.dtype != other.array.dtype:
        return dot(input.conj(), other, out=out)
    return into(out, apply(op.vdot, input, other))


def inner(input: Any, other: Any, *, out: Any = None) -> Any:
    """Products summed over the last axis of both."""
    if input.array.ndim == 0 or other.array.ndim == 0:
        return into(out, input * other)
    if input.array.shape[-1] != other.array.shape[-1]:
        raise ShapeError(
            f"inner() the last dimension must match on both input tensors but got shapes {list(input.shape)} and {list(other.shape)}"
        )
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
    """beta · input + alpha · (mat1 @ mat2)

    >>> torch.addmm(torch.ones(2), torch.eye(2), torch.eye(2), beta=10)
    tensor([[11., 10.],
            [10., 11.]])
    """
    return into(out, added(input, mat1, mat2, 2, beta, alpha, "AddmmBackward0"))


def added(input: Any, a: Any, b: Any, ndim: int, beta: Any, alpha: Any, name: str) -> Any:
    """β · input + α · (a @ b) as one op."""
    for i, t in enumerate((a, b), 1):
        if t.array.ndim != ndim:
            what = f"mat{i} must be a matrix, got {t.array.ndim}-D tensor" if ndim == 2 else f"batch{i} must be a 3D tensor"
            raise ShapeError(message(what, f"it has shape {list(t.shape)}"))
    same_dtype(a, b)
    if input.array.dtype != a.array.dtype:
        raise DtypeError(
            message(
                f"self and mat2 must have the same dtype, but got {title(input.dtype)} and {title(b.dtype)}",
                instead=f"input.to({b.dtype})",
            )
        )
    for which, factor in (("beta", beta), ("alpha", alpha)):
        if a.array.dtype.kind in "iu" and not isinstance(factor, int):
            raise RuntimeError(f"For integral input tensors, argument {which} must not be a floating point number.")
    return apply(op.AddProduct(beta, alpha, name), input, a, b)


def addmv(input: Any, mat: Any, vec: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None) -> Any:
    """beta · input + alpha · (mat @ vec)"""
    return into(out, known_as(plus(input, mv(mat, vec), beta, alpha), "AddmvBackward0"))


def addr(input: Any, vec1: Any, vec2: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None) -> Any:
    """beta · input + alpha · (vec1 ⊗ vec2)"""
    return into(out, known_as(plus(input, outer(vec1, vec2), beta, alpha), "AddrBackward0"))


def baddbmm(input: Any, batch1: Any, batch2: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None) -> Any:
    """beta · input + alpha · (batch1 @ batch2), matrix by matrix"""
    return into(out, added(input, batch1, batch2, 3, beta, alpha, "BaddbmmBackward0"))


def addbmm(input: Any, batch1: Any, batch2: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None) -> Any:
    """beta · input + alpha · Σ (batch1 @ batch2), summed over the batch"""
    return into(out, known_as(plus(input, bmm(batch1, batch2).sum(0), beta, alpha), "AddbmmBackward0"))


def plus(input: Any, product: Any, beta: Any, alpha: Any) -> Any:
    """β · input + α · product, in the shape of the product; β = 0 leaves the input out, whatever it holds."""
    product = product if alpha == 1 else product * alpha
    if beta == 0:
        return product
    return input.expand(product.array.shape) * beta + product if beta != 1 else input.expand(product.array.shape) + product


addmm_, addmv_, addr_, baddbmm_, addbmm_ = (in_place(f) for f in (addmm, addmv, addr, baddbmm, addbmm))


def trace(input: Any) -> Any:
    """The sum of the diagonal of a matrix."""
    if input.array.ndim != 2:
        raise ShapeError(f"trace: expected a matrix, but got tensor with dim {input.array.ndim}")
    return apply(op.trace, input)


def chain_matmul(*matrices: Any) -> Any:
    """The product of a chain of matrices, in the order that takes the fewest operations."""
    warnings.warn(
        "torch.chain_matmul is deprecated and will be removed in a future PyTorch release. Use torch.linalg.multi_dot instead, which "
        "accepts a list of two or more tensors rather than multiple parameters.",
        UserWarning,
        stacklevel=2,
    )
    return in_best_order(list(matrices[0]) if len(matrices) == 1 and not isinstance(matrices[0], Value) else list(matrices))


def in_best_order(mats: list[Any]) -> Any:
    """The product of a chain of matrices, in the order that takes the fewest operations."""
    sizes = [mats[0].array.shape[0], *(m.array.shape[-1] for m in mats)]
    n = len(mats)
    cost = [[0] * n for _ in range(n)]  # of the product of mats[i … j], and where its last multiplication is
    cut = [[i] * n for i in range(n)]
    for width in range(1, n):
        for i in range(n - width):
            j = i + width
            cost[i][j], cut[i][j] = min(
                (cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j)
            )

    def product(i: int, j: int) -> Any:
        k = cut[i][j]
        return mats[i] if i == j else mm(product(i, k), product(k + 1, j))

    return product(0, n - 1)


def matrix_power(input: Any, n: int) -> Any:
    """input @ input @ … n times; n = 0 gives the identity, n < 0 powers of the inverse."""
    x = input
    if x.array.ndim < 2 or x.array.shape[-1] != x.array.shape[-2]:
        raise RuntimeError(
            f"linalg.matrix_power: A must be batches of square matrices, but they are {x.array.shape[-2]} by "
            f"{x.array.shape[-1]} matrices"
            if x.array.ndim > 1
            else "linalg.matrix_power: The input tensor A must have at least 2 dimensions."
        )
    if n < 0:
        from .decompositions import inv

        x, n = inv(input), -n
    if n == 0:
        from .filled import eye

        return eye(x.shape[-1], dtype=x.dtype).expand(x.shape).clone()
    result = None
    while n:
        if n & 1:
            result = (x.clone() if n == 1 else x) if result is None else matmul(result, x)
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
    return into(out, known_as(y.reshape([p * q for p, q in zip(a, b)]), "UnsafeViewBackward0"))


@numpy_spelling
def cross(input: Any, other: Any, dim: int | None = None, *, out: Any = None) -> Any:
    """The cross product of vectors of three entries along ``dim`` (by default the first axis of size 3)."""
    if dim is None:
        if 3 not in input.array.shape:
            raise RuntimeError("no dimension of size 3 in input")
        warnings.warn(
            "Using torch.cross without specifying the dim arg is deprecated. Please either pass the dim explicitly or simply use "
            "torch.linalg.cross.",
            UserWarning,
            stacklevel=2,
        )
        dim = input.array.shape.index(3)
    return vector_product(input, other, dim=dim, out=out)


def vector_product(input: Any, other: Any, *, dim: int = -1, out: Any = None) -> Any:
    """``torch.linalg.cross``: the cross product of vectors of three entries along ``dim``.

    >>> torch.linalg.cross(torch.tensor([1., 0., 0.]), torch.tensor([0., 1., 0.]))
    tensor([0., 0., 1.])
    """
    here, there = of(input.array), of(other.array)
    if here is not there:
        raise RuntimeError(f"expected scalar type {title(here)} but found {title(there)}")
    if input.array.ndim != other.array.ndim:
        raise RuntimeError("linalg.cross: inputs must have the same number of dimensions.")
    shape = broadcast(input.array.shape, other.array.shape)
    a, b = input.expand(shape), other.expand(shape)
    d = axis(dim, a.array.ndim)
    if a.array.shape[d] != 3:
        raise RuntimeError(
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {a.array.shape[d]} and {b.array.shape[d]}"
        )
    product = a.roll(-1, d) * b.roll(-2, d) - a.roll(-2, d) * b.roll(-1, d)
    return into(out, known_as(product, "LinalgCrossBackward0"))


def tensordot(a: Any, b: Any, dims: Any = 2, out: Any = None) -> Any:
    """Products summed over pairs of axes: the last ``dims`` of a with the first of b, or two lists of axes."""
    if isinstance(dims, Value):
        dims = dims.array.tolist()
    if isinstance(dims, int):
        first, second = list(range(-dims, 0)), list(range(dims))
    else:
        first, second = ([d] if isinstance(d, int) else list(d) for d in dims)
    if len(first) != len(second):
        raise RuntimeError("both dimension lists should have same length")
    for i, j in zip(first, second):
        m, n = a.array.shape[axis(i, a.array.ndim)], b.array.shape[axis(j, b.array.ndim)]
        if m != n:
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {m} in dim {i} and second has size {n} in dim {j}"
            )
    first, second = [axis(d, a.array.ndim) for d in first], [axis(d, b.array.ndim) for d in second]
    free_a = [i for i in range(a.array.ndim) if i not in first]
    free_b = [j for j in range(b.array.ndim) if j not in second]
    rows, columns = (prod(t.array.shape[i] for i in free) for t, free in ((a, free_a), (b, free_b)))
    middle = prod(a.array.shape[i] for i in first)
    left = a.permute(free_a + first).reshape(rows, middle)
    right = b.permute(second + free_b).reshape(middle, columns)
    y = matmul(left, right).reshape([a.array.shape[i] for i in free_a] + [b.array.shape[j] for j in free_b])
    return into(out, y)
