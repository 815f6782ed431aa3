"""Matrix products as machine code: against float64, at all edges, and never outside the arrays."""

import ctypes
import mmap
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.native import Kernel, gemm, kernels
from chainrule.native.gemm import Matrix, emit_small, room_for
from chainrule.native.interpret import interpret
from chainrule.native.loops import Lanes

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")
DTYPES = {"f32": np.float32, "f64": np.float64}
TIGHT = {"f32": 2e-6, "f64": 4e-15}
few = settings(deadline=None, max_examples=15)
held = []  # memory with guards is kept until the end: arrays may still look at it


def guarded(x: np.ndarray, front: bool = False) -> np.ndarray:
    """A copy, held by rows, that ends where memory that may not be touched begins; or begins where it ends."""
    if os.name == "nt":
        return x.copy()
    page = mmap.PAGESIZE
    size = -(-x.nbytes // page) * page
    memory = mmap.mmap(-1, size + page)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    protect = ctypes.CDLL(None, use_errno=True).mprotect
    assert protect(ctypes.c_void_p(address if front else address + size), page, 0) == 0
    start = page if front else size - x.nbytes
    copy = np.frombuffer(memory, x.dtype, x.size, start).reshape(x.shape)
    copy[...] = x
    held.append(memory)
    return copy


def laid_out(x: np.ndarray, turned: bool, front: bool = False) -> np.ndarray:
    """The same matrix, its columns next to each other if ``turned``, with forbidden memory beside it."""
    return guarded(x.T, front).T if turned else guarded(x, front)


def matrices(m, n, inner, kind, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape).astype(DTYPES[kind]) for shape in ((m, inner), (inner, n), (m, n))]


def close(y, a, b, kind, start=0.0):
    scale = np.abs(a).astype(float) @ np.abs(b) + np.abs(start)
    assert (np.abs(y - (a.astype(float) @ b + start)) <= TIGHT[kind] * scale + 1e-30).all()


def small(m, n, inner, kind, turns, accumulate, epilogue=None):
    def body(k, a, b, c, room):
        seen = [
            Matrix(x, 1, rows) if turn else Matrix(x, columns)
            for x, turn, rows, columns in zip((a, b, c), turns, (m, inner, m), (inner, n, n))
        ]
        emit_small(k, *seen, m, n, inner, accumulate=accumulate, epilogue=epilogue, room=(room, 0))

    return Kernel(body, dict.fromkeys(("a", "b", "c", "room"), f"{kind}*"), "small", strided=("a", "b", "c"))


sizes = st.integers(1, 70)


@few
@given(sizes, sizes, sizes, st.sampled_from(["f32", "f64"]), st.tuples(*[st.booleans()] * 5))
def test_a_small_product_equals_that_in_float64_and_stays_within_its_arrays(m, n, inner, kind, flags):
    *turns, accumulate, front = flags
    arrays = matrices(m, n, inner, kind)
    a, b, c = (laid_out(x, turn, front) for x, turn in zip(arrays, turns))
    start = c.astype(float) if accumulate else 0.0
    room = guarded(np.zeros(room_for(m, n, inner, kind), DTYPES[kind]))
    small(m, n, inner, kind, turns, accumulate)(a, b, c, room)
    close(c, a, b, kind, start)


def test_an_epilogue_sees_every_sum_with_its_place():
    a, b, c = matrices(30, 37, 5, "f32")
    program = small(30, 37, 5, "f32", (False, False, False), False, lambda k, x, i, j: k.maximum(x, 0.0))
    program(a, b, c, c)
    np.testing.assert_allclose(c, np.maximum(a @ b, 0), rtol=0, atol=1e-5)
    bias = guarded(np.arange(37, dtype=np.float32))

    def affine(k, a, b, c, bias):
        emit_small(k, Matrix(a, 5), Matrix(b, 37), Matrix(c, 37), 30, 37, 5, epilogue=lambda k, x, i, j: x + bias[j])

    Kernel(affine, dict.fromkeys(("a", "b", "c", "bias"), "f32*"))(a, b, c, bias)
    np.testing.assert_allclose(c, a @ b + bias, rtol=0, atol=1e-5)


def test_what_cannot_be_written_is_refused():
    parameters = dict.fromkeys(("a", "b", "c"), "f32*")
    for b, c, words in ((Matrix, 9, "step of 1"), (lambda x, n: Matrix(x, 1, n), 1, "needs room")):
        body = lambda k, x, y, z, b=b, c=c: emit_small(k, Matrix(x, 4), b(y, 4), Matrix(z, 8, c), 4, 4, 4)  # noqa: E731
        with pytest.raises(ValueError, match=words):
            Kernel(body, parameters).program()


def test_squares_are_turned_alike_in_numpy_and_in_machine_code():
    def body(k, x, y):
        for i, line in enumerate(gemm.turned(k, [x[Lanes(16 * i, 16)] for i in range(16)])):
            y[Lanes(16 * i, 16)] = line

    x = np.arange(256, dtype=np.float32).reshape(16, 16)
    program = Kernel(body, {"x": "f32*", "y": "f32*"}, "turn")
    for run in (program, lambda *args: interpret(program.program(), *args)):
        y = np.zeros_like(x)
        run(x, y)
        np.testing.assert_array_equal(y, x.T)


def test_what_is_not_finite_goes_through():
    a, b, c = matrices(15, 33, 4, "f32")
    a[3, 1], b[2, 32] = np.nan, np.inf
    small(15, 33, 4, "f32", (False, False, False), False)(a, b, c, c)
    assert np.isnan(c[3]).all() and not np.isfinite(c[:, 32]).any()
    assert np.isfinite(np.delete(c, 3, 0)[:, :32]).all()
