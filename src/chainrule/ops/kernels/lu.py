"""Triangular factorisations on arrays that NumPy does not have: A = P L U, and Bunch and Kaufman's A = L D Lᵀ."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

ALPHA = (1 + 17**0.5) / 8  # Bunch and Kaufman's threshold, which bounds the growth of the entries


def each(matrices: np.ndarray) -> np.ndarray:
    """A stack of matrices of any number of leading axes as one of one leading axis."""
    return matrices.reshape(prod(matrices.shape[:-2]), *matrices.shape[-2:])


def size_of(x: np.ndarray) -> np.ndarray:
    """By what LAPACK chooses pivots: |x|, for complex numbers |Re x| + |Im x|."""
    return np.abs(x.real) + np.abs(x.imag) if x.dtype.kind == "c" else np.abs(x)


# ---------------------------------------------------------------------- A = P L U


def lu(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """L below the diagonal and U on and above it, in one matrix, and the row (from 1) that each row was exchanged with."""
    packed = np.array(a, order="C")
    m, n = packed.shape[-2:]
    pivots = np.empty((*packed.shape[:-2], min(m, n)), np.int32)
    for matrix, pivot in zip(each(packed), pivots.reshape(prod(pivots.shape[:-1]), min(m, n))):
        lu_of_one(matrix, pivot)
    return packed, pivots


def lu_of_one(a: np.ndarray, pivot: np.ndarray) -> None:
    for k in range(pivot.size):
        p = k + int(np.argmax(size_of(a[k:, k])))
        pivot[k] = p + 1
        if p != k:
            a[[k, p]] = a[[p, k]]
        if a[k, k] != 0:
            a[k + 1 :, k] /= a[k, k]
            a[k + 1 :, k + 1 :] -= np.multiply.outer(a[k + 1 :, k], a[k, k + 1 :])


def order_of(pivots: np.ndarray, m: int) -> np.ndarray:
    """The exchanges of rows as an order: (P A)[i] = A[order[i]]."""
    order = np.tile(np.arange(m), (*pivots.shape[:-1], 1))
    for row, swaps in zip(
        order.reshape(prod(order.shape[:-1]), m), pivots.reshape(prod(pivots.shape[:-1]), pivots.shape[-1])
    ):
        for k, p in enumerate(swaps):
            row[k], row[p - 1] = row[p - 1], row[k]
    return order


def first_zero(packed: np.ndarray) -> np.ndarray:
    """Where U's diagonal is first zero, from 1; 0 where it nowhere is."""
    zero = np.diagonal(packed, axis1=-2, axis2=-1) == 0
    if not zero.shape[-1]:
        return np.zeros(zero.shape[:-1], np.int32)
    return np.where(zero.any(-1), zero.argmax(-1) + 1, 0).astype(np.int32)


# ---------------------------------------------------------------------- systems with a triangular matrix


def solve_triangular(a: np.ndarray, b: np.ndarray, upper: bool) -> np.ndarray:
    """x with a x = b, of a only one triangle being read; ∞ and NaN where the diagonal is zero."""
    if not upper:  # turned round, a lower triangle is an upper one
        return solve_triangular(a[..., ::-1, ::-1], b[..., ::-1, :], True)[..., ::-1, :]
    a = np.triu(a)
    if (np.diagonal(a, axis1=-2, axis2=-1) != 0).all():
        return np.linalg.solve(a, b)  # an upper triangle is eliminated already: what is left is substitution
    shape = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    x = np.array(np.broadcast_to(b, (*shape, *b.shape[-2:])))
    with np.errstate(all="ignore"):
        for k in range(a.shape[-1] - 1, -1, -1):
            x[..., k, :] = (x[..., k, :] - (a[..., k, None, k + 1 :] @ x[..., k + 1 :, :])[..., 0, :]) / a[
                ..., k, k, None
            ]
    return x


# ---------------------------------------------------------------------- A = L D Lᵀ (Bunch and Kaufman, 1977)


def ldl(a: np.ndarray, hermitian: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """L and the blocks of D in one lower triangle, the pivots in LAPACK's form, and where D is first zero (from 1; 0: nowhere).

    A positive pivot p at k says that rows k and p were exchanged; two equal negative ones −p at k and k + 1 that the
    block of D there is 2×2 and that rows k + 1 and p were exchanged.
    """
    packed = np.tril(a)
    n = packed.shape[-1]
    pivots = np.zeros((*packed.shape[:-2], n), np.int32)
    info = np.zeros(packed.shape[:-2], np.int32)
    for i, (matrix, pivot) in enumerate(zip(each(packed), pivots.reshape(prod(pivots.shape[:-1]), n))):
        info.reshape(-1)[i] = ldl_of_one(matrix, pivot, hermitian)
    return packed, pivots, info


def ldl_of_one(a: np.ndarray, pivot: np.ndarray, hermitian: bool) -> int:
    n, k, info = len(a), 0, 0
    star = np.conj if hermitian else lambda x: x
    while k < n:
        p, width = choose(a, k)
        if p is None:
            info = info or k + 1
            pivot[k] = k + 1
            k += 1
            continue
        last = k + width - 1
        if p != last:
            exchange(a, last, p, star)
            if width == 2:
                a[[last, p], k] = a[[p, last], k]
        if hermitian:
            a[range(k, k + width), range(k, k + width)] = a[range(k, k + width), range(k, k + width)].real
        pivot[k : k + width] = p + 1 if width == 1 else -(p + 1)
        below = slice(k + width, n)
        block = np.tril(a[k : k + width, k : k + width])
        block = block + star(np.tril(block, -1)).T
        column = a[below, k : k + width].copy()
        share = np.linalg.solve(block.T, column.T).T if column.size else column
        a[below, below] -= np.tril(share @ star(column).T)
        a[below, k : k + width] = share
        k += width
    return info


def choose(a: np.ndarray, k: int) -> tuple[int | None, int]:
    """The pivot's row and how many columns its block takes, by Bunch and Kaufman's rule; None where all is zero."""
    n = len(a)
    here = size_of(a[k, k])
    if k + 1 == n:
        return (None, 1) if here == 0 else (k, 1)
    below = size_of(a[k + 1 :, k])
    r = k + 1 + int(below.argmax())
    most = below.max()
    if max(here, most) == 0 or here != here:
        return None, 1
    if here >= ALPHA * most:
        return k, 1
    row = max(size_of(a[r, k:r]).max(initial=0), size_of(a[r + 1 :, r]).max(initial=0))
    if here >= ALPHA * most * (most / row):
        return k, 1
    return (r, 1) if size_of(a[r, r]) >= ALPHA * row else (r, 2)


def exchange(a: np.ndarray, i: int, j: int, star: Any) -> None:
    """Rows and columns i < j of a symmetric matrix exchanged, of which the lower triangle from column i on is there."""
    a[j + 1 :, [i, j]] = a[j + 1 :, [j, i]]
    column, row = a[i + 1 : j, i].copy(), a[j, i + 1 : j].copy()
    a[i + 1 : j, i], a[j, i + 1 : j] = star(row), star(column)
    a[j, i] = star(a[j, i])
    a[i, i], a[j, j] = a[j, j], a[i, i]


def ldl_product(packed: np.ndarray, pivots: np.ndarray, hermitian: bool) -> np.ndarray:
    """The matrix that `ldl` took apart: the steps undone, the last first."""
    star = np.conj if hermitian else lambda x: x
    n = len(packed)
    a, k = np.zeros_like(packed), n
    while k > 0:
        width = 2 if pivots[k - 1] < 0 else 1
        k -= width
        here, below = slice(k, k + width), slice(k + width, n)
        block = np.tril(packed[here, here])
        block = block + star(np.tril(block, -1)).T
        share = packed[below, here]
        a[here, here] = block
        a[below, here] = share @ block
        a[here, below] = star(a[below, here]).T
        a[below, below] += share @ block @ star(share).T
        i, p = k + width - 1, abs(pivots[k]) - 1
        a[[i, p]] = a[[p, i]]
        a[:, [i, p]] = a[:, [p, i]]
    return a
