"""Programs: what they print, and that machine code does what their instructions say one by one (`interpret`)."""

import os
from pathlib import Path

import numpy as np
import pytest

from chainrule.native import Kernel, kernel, kernels
from chainrule.native.interpret import interpret
from chainrule.native.loops import Builder, Type, Value
from chainrule.native.program import Program
from chainrule.ops.kernels import direct, lstm, rows, softmax_rows, tiles
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


SMALL = {"double": double, "total": total, "of_indices": of_indices, "signs": signs}
LARGE = {
    "normalize": rows.normalizer("f", True), "denormalize": rows.denormalizer("f", True), "adam": machine.adam("f"),
    "momentum": machine.momentum("f"), "correlate": direct.correlator("f"), "weigh": direct.weigher("f"),
    "move": direct.mover("f"), "lstm_forward": lstm.through_time(), "lstm_backward": lstm.back_through_time(),
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
    found, expected = np.zeros((2, n + 1), target)
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


def test_arguments_are_checked_when_asked():
    double.check(np.zeros(3, np.float32), np.zeros(3, np.float32), 3)
    with pytest.raises(TypeError, match="double: x must be an array of f32, got float64"):
        double.check(np.zeros(3), np.zeros(3, np.float32), 3)


def test_a_program_is_written_anew_each_time():
    assert isinstance(double, Kernel) and isinstance(double.program(), Program)
    assert double.program().show() == double.program().show()
    assert double.text() == double.text()
