"""Matrix products as machine code: against float64, at all edges, and never outside the arrays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.base import threads
from chainrule.native import Kernel, blocked, gemm, kernels, lines, multiply, notes
from chainrule.native.gemm import Matrix, emit_small, room_for
from chainrule.native.interpret import interpret
from chainrule.native.loops import Lanes
from chainrule.ops.kernels import product
from tests.native.matrices import DTYPES, close, guarded, laid_out, matrices, stack

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")
few = settings(deadline=None, max_examples=15)


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


@pytest.mark.parametrize("kind", ["f32", "f64"])
@pytest.mark.parametrize("turns", [(False, False, False), (False, True, False), (True, False, False), (True, True, True)])
def test_a_last_tile_that_is_shorter_begins_earlier_and_is_no_text_of_its_own(turns, kind):
    def lines(m, n, inner):
        return len(small(m, n, inner, kind, turns, False).text().splitlines())

    m, n, inner = 100, 500, 39
    assert lines(m, n, inner) < lines(104, 512, 48) + 20
    a, b, c = (laid_out(x, turn, True) for x, turn in zip(matrices(m, n, inner, kind), turns))
    small(m, n, inner, kind, turns, False)(a, b, c, guarded(np.zeros(room_for(m, n, inner, kind), DTYPES[kind])))
    close(c, a, b, kind, 0.0)


@few
@given(
    st.integers(1, 3),
    st.integers(1, 130) | st.integers(500, 530),
    st.integers(1, 130) | st.integers(500, 530),
    st.integers(1, 130) | st.integers(380, 400),
    st.sampled_from(["f32", "f64"]),
    st.tuples(*[st.booleans()] * 4),
)
def test_a_large_product_equals_that_in_float64_and_stays_within_its_arrays(batch, m, n, inner, kind, flags):
    a_turned, b_turned, front, biased = flags
    rng = np.random.default_rng(m * n)
    a, b = (rng.standard_normal((batch, *shape)).astype(DTYPES[kind]) for shape in ((m, inner), (inner, n)))
    bias = guarded(rng.standard_normal(n).astype(DTYPES[kind]), front) if biased else None
    a, b = stack(a, a_turned, front), stack(b, b_turned, front)
    results = []
    before = threads.cores()
    try:
        for number in (1, 2, 3):
            threads.use_cores(number)
            results.append(multiply.product(a, b, bias))
    finally:
        threads.use_cores(before)
    assert results[0].dtype == a.dtype and results[0].shape == (batch, m, n)
    for x in range(batch):
        close(results[0][x], a[x], b[x], kind, 0.0 if bias is None else bias)
    for other in results[1:]:
        np.testing.assert_array_equal(other, results[0])  # to the bit, however many threads there are


@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize("turns", [(False, False), (False, True), (True, False), (True, True)])
def test_results_are_written_where_they_belong_and_nowhere_else(turns, in_place):
    """Machine code called as `native.compiler` may: any steps, adding to what is there, in memory that ends behind C."""
    m, n, inner, kind = 37, 45, 50, "f32"
    a, b, c = matrices(m, n, inner, kind)
    a, b = (laid_out(x, turn) for x, turn in zip((a, b), turns))
    wide = guarded(np.full((m, n + 9), 7, np.float32))
    wide[:, 9:] = c
    zero, room = np.zeros(1, np.int64), guarded(np.full(blocked.room_size(kind), np.nan, np.float32))
    kernel = blocked.product(kind, *turns, None, in_place)
    kernel.load()
    places = [x.ctypes.data for x in (a, b, wide[:, 9:], c, room, zero, zero, zero)]
    steps = [x.strides[turn] // 4 for x, turn in zip((a, b), turns)]
    kernel.call(*places, m, n, inner, *steps, n + 9, m, n, 1, 1, 1, 0, room.size, 0, 0)
    close(wide[:, 9:], a, b, kind, c)
    assert (wide[:, :9] == 7).all()


@few
@given(
    st.integers(1, 300) | st.integers(2000, 2100),
    st.integers(1, 300),
    st.sampled_from(["f32", "f64"]),
    st.tuples(*[st.booleans()] * 2),
)
def test_a_matrix_times_a_vector_equals_that_in_float64_and_stays_within_its_arrays(m, n, kind, flags):
    turned, front = flags
    a, _, _ = matrices(m, 1, n, kind)
    a = laid_out(a, turned, front)
    x, g, bias = (guarded(np.linspace(-1, 2, size).astype(DTYPES[kind]), front) for size in (n, m, 1))
    before = threads.cores()
    found = []
    try:
        for number in (1, 2, 3):
            threads.use_cores(number)
            found.append((lines.times(a, x), lines.times(a, x, bias), lines.rows_times(g, a)))
    finally:
        threads.use_cores(before)
    plain, shifted, sums = found[0]
    close(plain[:, None], a, x[:, None], kind)
    close(shifted[:, None], a, x[:, None], kind, bias)
    close(sums[None], g[None], a, kind)
    for others in found[1:]:
        for one, other in zip(found[0], others):
            np.testing.assert_array_equal(one, other)


def test_matrices_and_vectors_that_the_loops_can_not_read():
    a, x = np.zeros((20, 30), np.float32), np.zeros(30, np.float32)
    for matrix, vector in ((a[:, ::2], x[:15]), (a, x[:20]), (a, x.astype(float)), (a[:0], x), (a.astype(int), x.astype(int))):
        assert lines.times(matrix, vector) is None and lines.rows_times(vector, matrix.T) is None
    assert lines.times(a, x) is not None
    assert lines.times(a, x, np.zeros(20, np.float32)) is None and lines.times(a, x, np.zeros(1)) is None


def test_what_stands_in_for_an_array_is_not_looked_into():
    class Unknown:
        dtype, shape, strides, size, ndim = np.dtype(np.float32), (64, 64), (256, 4), 4096, 2

    a = np.zeros((64, 64), np.float32)
    assert multiply.product(a, Unknown()) is multiply.product(Unknown(), a) is multiply.product(a, a, Unknown()) is None
    assert lines.times(Unknown(), a[0]) is lines.times(a, Unknown()) is lines.rows_times(Unknown(), a) is None


@pytest.mark.parametrize("kind", ["f32", "f64"])
@pytest.mark.parametrize("shape", [(7, 30, 20_000), (64, 64, 8192), (1, 40, 30_000), (30_000, 1, 40), (200, 150, 100)])
def test_products_of_any_shape_with_and_without_a_row_added(shape, kind):
    a, b, _ = matrices(*shape, kind)
    bias = np.linspace(-1, 1, shape[1]).astype(DTYPES[kind])
    close(product.dot(a, b), a, b, kind)
    close(product.dot(np.asfortranarray(a), np.asfortranarray(b), bias), a, b, kind, bias)


def relu(k, x):
    return k.maximum(x, 0.0)


@pytest.mark.parametrize("kind", ["f32", "f64"])
@pytest.mark.parametrize(("m", "inner", "n"), [(32, 10_816, 9), (40, 20_000, 1), (64, 6144, 5), (64, 6145, 5), (14, 4097, 31)])
def test_few_long_columns_of_a_transposed_matrix_find_room(m, inner, n, kind):
    a, b, _ = matrices(m, n, inner, kind)
    room = multiply.rooms.get(kind, threads.cores())
    end = room.address + room.threads * room.each * a.itemsize - room.memory.ctypes.data
    room.memory[end:] = 77
    y = multiply.product(a, np.asfortranarray(b))
    close(y, a, b, kind)
    assert (room.memory[end:] == 77).all()


@pytest.mark.parametrize("shape", [(300, 40, 500), (30, 70, 20)])
def test_a_function_is_applied_once_to_every_entry(shape):
    a, b, _ = matrices(*shape, "f32")
    bias = np.linspace(-1, 1, shape[1], dtype=np.float32)
    y = multiply.product(a, b, bias, relu)
    np.testing.assert_allclose(y, np.maximum(a @ b + bias, 0), rtol=0, atol=1e-4)
    np.testing.assert_allclose(multiply.product(a, b, bias, halved), (a @ b + bias) / 2, rtol=0, atol=1e-4)


def halved(k, x):
    return x * 0.5


def test_what_the_loops_can_not_read_is_left_to_others():
    a = np.zeros((64, 128), np.float32)
    for x, y in ((a[:, ::2], a), (a, a), (a, a.T.astype(float)), (a[:0], a.T), (a[0], a.T), (a.astype(int), a.T.astype(int))):
        assert multiply.product(x, y) is None
    assert multiply.product(a, a.T) is not None
    for bias in (np.zeros(64), np.zeros(128, np.float32)[::2], np.zeros(63, np.float32), np.zeros((1, 64), np.float32)):
        assert multiply.product(a, a.T, bias) is None
    assert multiply.product(a.astype(">f4"), a.T.astype(">f4")) is None


@pytest.mark.parametrize("rows", [(6, 1), (14, 2)])
def test_tiles_of_other_processors(rows, monkeypatch):
    """As where there are fewer registers; LLVM makes do with those that are here."""
    monkeypatch.setattr(notes, "stamp", lambda: None)  # what is on disk is for another tile
    monkeypatch.setattr(gemm, "tile", lambda: rows)
    monkeypatch.setattr(blocked, "tile", lambda: rows)
    monkeypatch.setattr(multiply, "tile", lambda: rows)
    blocked.product.cache_clear()
    multiply.prepared.cache_clear()
    try:
        for shape in ((40, 50, 60), (150, 140, 130)):
            for turn in (False, True):
                a, b, _ = matrices(*shape, "f32")
                close(multiply.product(laid_out(a, turn), laid_out(b, turn)), a, b, "f32")
    finally:
        blocked.product.cache_clear()
        multiply.prepared.cache_clear()


@pytest.mark.parametrize("shape", [(40, 60, 30), (150, 140, 500)])
def test_what_is_not_finite_goes_through_large_products(shape):
    a, b, _ = matrices(*shape, "f32")
    a[3, 1], b[2, -1] = np.nan, np.inf
    y = multiply.product(a, b)
    assert np.isnan(y[3]).all() and not np.isfinite(y[:, -1]).any()
    assert np.isfinite(np.delete(y, 3, 0)[:, :-1]).all()


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
