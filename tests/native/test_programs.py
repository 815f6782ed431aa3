"""Programs: what they print, and that machine code does what their instructions say one by one (`interpret`)."""

import os
from pathlib import Path

import numpy as np
import pytest

from chainrule.native import Kernel, aligned, kernel, kernels, parameters
from chainrule.native.interpret import interpret
from chainrule.native.loops import Builder, Type, Value
from chainrule.native.machine import optimized
from chainrule.native.program import Program
from chainrule.ops.kernels import gru, lstm, rnn, rows, softmax_rows, taps, tiles
from chainrule.ops.kernels.through_time import Tile
from chainrule.optim import machine

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")
GOLDEN = Path(__file__).parent / "golden"


@kernel(x="f32*", y="f32*", n="i64")
def double(k, x, y, n):
    for i in k.vectors(n):
        y[i] = x[i] * 2


@kernel(x="f32*", y="f32*", n="i64")
def total(k, x, y, n):
    sums = k.sum(4)
    for i in k.vectors(n, unroll=4):
        sums.add(x[i])
    y[0] = sums.total()


@kernel(x="i64*", y="f64*", n="i64")
def of_indices(k, x, y, n):
    for i in k.range(n):
        for _ in k.when(x[i] > 2):
            y[i] = k.to("f64", (x[i] * 3 + i) // 2 % 5) - 0.5


@kernel(x="f32*", y="i8*", n="i64")
def signs(k, x, y, n):
    for i in k.vectors(n):
        negative = k.bits("i32", x[i]) >> 31
        y[i] = k.to("i8", negative)


@kernel(x="f32*", y="f32*", n="i64")
def one_of_two(k, x, y, n):
    source = k.either(x[0] > 0, x, y)
    for i in k.vectors(n):
        y[i] = source[i] + 1


@kernel(x="f32*", y="f32*", n="i64")
def past_the_caches(k, x, y, n):
    for i in k.vectors(n):
        k.stream(y, i, x[i] + 1)
    k.settle()


SMALL = {"double": double, "total": total, "of_indices": of_indices, "signs": signs, "one_of_two": one_of_two,
    "past_the_caches": past_the_caches,
}  # fmt: skip
LARGE = {
    "normalize": rows.normalizer("f", True), "denormalize": rows.denormalizer("f", True), "adam": machine.adam("f"),
    "momentum": machine.momentum("f"), "correlate": taps.correlator("f", 4, 1), "weigh": taps.weigher("f", 8, 1, 1, 3),
    "lstm_forward": lstm.through_time(Tile(2, 2)), "lstm_backward": lstm.back_through_time(Tile(2, 2)),
    "gru_forward": gru.through_time(Tile(2, 1)), "gru_backward": gru.back_through_time(Tile(2, 1)),
    "rnn_forward": rnn.through_time(Tile(1, 1), False), "rnn_backward": rnn.back_through_time(Tile(1, 1), True),
    "softmax": softmax_rows.compiled("softmax"), "log_softmax_back": softmax_rows.compiled("log_softmax_back"),
    "pool": tiles.pool("f", 2, 2), "spread": tiles.spread("f", 2, 2),
}  # fmt: skip


@pytest.mark.parametrize("name", [*SMALL, *LARGE])
def test_what_a_program_prints(name):
    """``UPDATE_GOLDEN=1 pytest tests/native`` writes the files anew."""
    text = (SMALL | LARGE)[name].program().show() + "\n"
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize("n", [0, 1, 15, 16, 17, 63, 64, 65, 200])
@pytest.mark.parametrize("name", SMALL)
def test_machine_code_does_what_the_instructions_say(name, n):
    rng = np.random.default_rng(n)
    code = SMALL[name]
    kinds = {"f32*": np.float32, "f64*": np.float64, "i64*": np.int64, "i8*": np.int8}
    source, target = [kinds[kind] for kind in list(code.parameters.values())[:2]]
    x = (rng.standard_normal(n + 1) * 4).astype(source)
    found = aligned.zeros((1 << 16,), np.dtype(target))[: n + 1]  # what is written past the caches begins at a line
    expected = np.zeros(n + 1, target)
    code(x, found, n)
    interpret(code.program(), x, expected, n)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert n == 0 or found.any() or n == 1


def test_pieces_are_all_done_once():
    @kernel("count_pieces", y="i64*", piece="i64", thread="i64")
    def count_pieces(k, y, piece, thread):
        y[piece] = y[piece] + piece

    for n in (1, 2, 7, 1000):
        y = np.zeros(n, np.int64)
        count_pieces.share(n, y)
        assert y.tolist() == list(range(n))


def test_what_does_not_fit_together_is_refused_while_the_program_is_written():
    k = Builder()
    x, i = Value(k, "parameter", Type("f32"), data="x"), Value(k, "parameter", Type("i64"), data="i")
    with pytest.raises(TypeError, match="a f32 meets a i64"):
        x + i
    with pytest.raises(TypeError, match="not known while the loop is written"):
        if x > 0:
            pass


def readonly(a):
    a.flags.writeable = False
    return a


LINE = np.zeros(8, np.float32)
REFUSED = {
    "another dtype": (LINE.astype("f8"), LINE, "double: x must be an array of f32 .*, got float64"),
    "the other byte order": (LINE.astype(">f4"), LINE, "double: x must be .*, got >f4"),
    "strides": (LINE[::2], LINE, r"double: x must be .* whose entries lie one behind the other, got .* shape \(4,\) with strides \(8,\)"),
    "one number seen eight times": (np.broadcast_to(LINE[:1], 8), LINE, r"strides \(0,\)"),
    "columns first": (LINE.reshape(2, 4).T, LINE, r"shape \(4, 2\)"),
    "a number": (1.0, LINE, "double: x must be an array of f32 .*, got float"),
    "a list": ([1.0] * 8, LINE, "got list"),
    "a result that may not be written to": (LINE, readonly(np.zeros(8, np.float32)), "double: y .* may not be written to"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_arrays_that_the_code_can_not_take_are_refused(name):
    x, y, text = REFUSED[name]
    with pytest.raises(TypeError, match=text):
        double(x, y, 8)

    def shared(k, x, y, n, piece, thread):
        double.function(k, x, y, n)

    kernel_of_pieces = Kernel(shared, {**double.parameters, "piece": "i64", "thread": "i64"}, "double")
    with pytest.raises(TypeError, match=text):
        kernel_of_pieces.share(1, x, y, 8)


def test_arrays_that_are_read_only_or_empty_can_be_read():
    y = np.zeros(8, np.float32)
    double(readonly(np.ones(8, np.float32)), y, 8)
    assert y.tolist() == [2.0] * 8
    double(np.zeros(0, np.float32), np.zeros((0, 3), np.float32), 0)


def test_strides_are_taken_where_the_program_is_told_them():
    def rows(k, source, target, table):
        sizes, steps = [[table[5 * part + axis] for axis in range(5)] for part in range(2)], [table[10 + axis] for axis in range(5)]
        zero = k.value(0, Type("i64"))
        taps.copy(k, taps.Place(source, zero, sizes[1]), taps.Place(target, zero, steps), sizes[0], 16)

    move = Kernel(rows, parameters("f32*: source target", "i64*: table", pieces=False), strided=("source",))
    table, y = np.array([1, 1, 1, 2, 3, *(0, 0, 0, 6, 1), *(0, 0, 0, 3, 1)]), np.zeros(6, np.float32)
    move(np.arange(12, dtype=np.float32).reshape(2, 6)[:, :3], y, table)
    assert y.tolist() == [0, 1, 2, 6, 7, 8]
    with pytest.raises(TypeError, match="rows: table must be an array of i64"):
        move(y, y, np.zeros(15, np.int32))


def test_what_became_of_a_kernel_can_be_read():
    assert double.show() == double.program().show() and "define void @double(" in double.show("llvm")
    assert "ret" in double.show("assembly")
    with pytest.raises(ValueError, match="program, llvm, assembly, not as 'c'"):
        double.show("c")


def test_a_program_is_written_anew_each_time():
    assert isinstance(double, Kernel) and isinstance(double.program(), Program)
    assert double.program().show() == double.program().show()
    assert double.text() == double.text()


def test_few_passes_put_small_functions_into_their_callers():
    text = """
    define internal i64 @twice(i64 %n) alwaysinline {
      %m = shl i64 %n, 1
      ret i64 %m
    }
    define i64 @four_times(i64 %n) {
      %m = call i64 @twice(i64 %n)
      %k = call i64 @twice(i64 %m)
      ret i64 %k
    }
    """
    found = str(optimized(text, "few"))
    assert "call" not in found and "shl i64 %n, 2" in found and "@twice" not in found
