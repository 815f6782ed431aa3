"""Matrix products by NumPy's own OpenBLAS, with the pieces shared by our team instead of its threads.

OpenBLAS waits for its threads by spinning: where another program has one of the cores, a product takes ten times as long.
A team's pieces are claimed, so whoever has a core does them (`team`). Each piece is a call of cblas_sgemm or cblas_dgemm
for some rows or columns of one product.
"""

from __future__ import annotations

import ctypes
import struct
from functools import cache
from typing import Any

import numpy as np

from ..base.threads import blas_function, cores, one_blas_thread, openblas
from .compiled import ready
from .team import team

LEAST = 1 << 18  # multiply-adds from which OpenBLAS uses its own threads
SHARED = 1 << 20  # multiply-adds from which sharing is worth its few microseconds
EVEN = 16  # rows or columns that pieces come in multiples of

CODE = """
define void @{name}(ptr %w, i64 %piece, i64 %thread) #0 {{
entry:
{loads}
  %batch = sdiv i64 %piece, %splits
  %part = srem i64 %piece, %splits
  %first = mul i64 %part, %step
  %by.rows = icmp ne i64 %rows, 0
  %all = select i1 %by.rows, i64 %m, i64 %n
  %end = add i64 %first, %step
  %short = icmp slt i64 %end, %all
  %last = select i1 %short, i64 %end, i64 %all
  %some = sub i64 %last, %first
  %m.here = select i1 %by.rows, i64 %some, i64 %m
  %n.here = select i1 %by.rows, i64 %n, i64 %some
  %a.turned = icmp eq i64 %ta, 112
  %b.turned = icmp eq i64 %tb, 112
  %a.step = select i1 %a.turned, i64 1, i64 %lda
  %b.step = select i1 %b.turned, i64 %ldb, i64 1
  %a.rows = select i1 %by.rows, i64 %a.step, i64 0
  %b.columns = select i1 %by.rows, i64 0, i64 %b.step
  %c.step = select i1 %by.rows, i64 %ldc, i64 1
  %a.skip = mul i64 %first, %a.rows
  %b.skip = mul i64 %first, %b.columns
  %c.skip = mul i64 %first, %c.step
{places}
  %ta.short = trunc i64 %ta to i32
  %tb.short = trunc i64 %tb to i32
  call void %gemm(i32 101, i32 %ta.short, i32 %tb.short, {long} %m.long, {long} %n.long, {long} %k.long,
    {kind} 1.0, ptr %a.here, {long} %lda.long, ptr %b.here, {long} %ldb.long, {kind} 0.0, ptr %c.here, {long} %ldc.long)
  ret void
}}
attributes #0 = {{ nounwind }}
"""
WORDS = ("gemm", "a", "b", "c", "as", "bs", "cs", "m", "n", "k", "lda", "ldb", "ldc", "ta", "tb", "splits", "step", "rows")
POINTERS = {"gemm", "a", "b", "c", "as", "bs", "cs"}
LAYOUT, NOWHERE = struct.Struct(f"={len(WORDS)}q"), np.zeros(1, np.int64)
KINDS = {"f": ("sgemm", "float"), "d": ("dgemm", "double")}


def text(char: str, long: str) -> str:
    name, kind = KINDS[char]
    loads, places = [], []
    for i, word in enumerate(WORDS):
        loads.append(f"  %{word}.at = getelementptr i64, ptr %w, i64 {i}")
        loads.append(f"  %{word} = load {'ptr' if word in POINTERS else 'i64'}, ptr %{word}.at")
    for x in "abc":
        places += [
            f"  %{x}.offset.at = getelementptr i64, ptr %{x}s, i64 %batch",
            f"  %{x}.offset = load i64, ptr %{x}.offset.at",
            f"  %{x}.first = add i64 %{x}.offset, %{x}.skip",
            f"  %{x}.here = getelementptr {kind}, ptr %{x}, i64 %{x}.first",
        ]
    for word, source in (("m", "m.here"), ("n", "n.here"), ("k", "k"), ("lda", "lda"), ("ldb", "ldb"), ("ldc", "ldc")):
        shorter = f"trunc i64 %{source} to i32" if long == "i32" else f"add i64 %{source}, 0"
        places.append(f"  %{word}.long = {shorter}")
    return CODE.format(name=name, kind=kind, long=long, loads="\n".join(loads), places="\n".join(places))


@cache
def routine(char: str) -> tuple[int, int, Any] | None:
    """The address of a piece, that of cblas's routine, and what keeps the code; None where NumPy has another BLAS."""
    name = KINDS[char][0]
    found = blas_function(f"cblas_{name}") if ready() and openblas() is not None else None
    if found is None:
        return None
    from .load import load

    function, wide = found
    address, keep = load(name, text(char, "i64" if wide else "i32"))
    return address, ctypes.cast(function, ctypes.c_void_p).value or 0, keep


def order(x: np.ndarray) -> tuple[int, int] | None:
    """How BLAS is to read a matrix: 111 by rows or 112 by columns, and the distance of these; None where it can't."""
    rows, columns = x.strides[-2:]
    m, n = x.shape[-2:]
    size = x.itemsize
    if columns == size and (rows >= n * size or m == 1) and rows % size == 0:
        return 111, max(rows // size, n, 1)
    if rows == size and (columns >= m * size or n == 1) and columns % size == 0:
        return 112, max(columns // size, m, 1)
    return None


def product(a: np.ndarray, b: np.ndarray) -> np.ndarray | None:
    """a @ b for matrices or equally many of them, (…, m, k) and (…, k, n); None where it can't be shared."""
    char = a.dtype.char
    if char not in KINDS or b.dtype.char != char or a.shape[:-2] != b.shape[:-2]:
        return None
    found, read_a, read_b = routine(char), order(a), order(b)
    if found is None or read_a is None or read_b is None:
        return None
    (m, k), n, lead = a.shape[-2:], b.shape[-1], a.shape[:-2]
    if not (m and n and k):
        return None
    c = np.empty((*lead, m, n), a.dtype)
    batch = c.size // (m * n)
    rows = m >= n
    size = m if rows else n
    work = m * n * k
    ways = 1 if batch >= 2 * cores() or work < SHARED else cores()
    step = -(-size // ways)
    step = min(size, -(-step // EVEN) * EVEN)
    splits = -(-size // step)
    offsets = [np.array(starts(x), np.int64) for x in (a, b, c)] if lead else [NOWHERE] * 3
    address, gemm, _ = found
    values = (
        gemm, *[x.__array_interface__["data"][0] for x in (a, b, c, *offsets)],
        m, n, k, read_a[1], read_b[1], n, read_a[0], read_b[0], splits, step, int(rows),
    )  # fmt: skip
    block = ctypes.create_string_buffer(LAYOUT.pack(*values))
    with one_blas_thread:
        team().share(address, block, batch * splits)
    return c


def starts(x: np.ndarray) -> Any:
    """Where each of the matrices begins, counted in entries."""
    found: Any = 0
    for n, stride in zip(x.shape[:-2], x.strides[:-2]):
        found = np.add.outer(found, np.arange(n) * (stride // x.itemsize))
    return np.reshape(found, -1)


