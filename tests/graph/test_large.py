"""Large arrays are worked on in pieces, on all cores: the same numbers as in one piece, whatever the number of threads."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chainrule
from chainrule.base import threads
from chainrule.graph import lanes, large
from chainrule.native import passes
from chainrule.native.compiled import ready
from chainrule.ops.arithmetic import mul
from chainrule.ops.choice import maximum
from chainrule.ops.logic import where

SIZE = large.PIECE * 8 + 12345  # the last piece is a short one

FUNCTIONS = {
    "a ufunc": lambda x, y: x.exp(),
    "several steps": lambda x, y: x.sigmoid() + x.tanh(),
    "two operands": lambda x, y: x * y - y / (x * x + 1),
    "a number": lambda x, y: 2.5 * x + 1,
    "a power": lambda x, y: x**2 * 3,
    "a result of truth values": lambda x, y: chainrule.where(x > y, x, 2 * y),
    "relu": lambda x, y: chainrule.nn.functional.relu(x) * chainrule.nn.functional.gelu(y),
    "a 0-dim tensor": lambda x, y: x * y[0] + x,
    "a row that is stretched": lambda x, y: x.reshape(1, -1) * chainrule.ones(1, 1) + y,
    "several uses": lambda x, y: x.sum() * 3 + (x * y).sum() + (x * 2).tanh().sum() + x.reshape(1, -1).t().mean() - x[1:].sum(),
    "strided": lambda x, y: x[::2].sin() * y[1::2][: x[::2].shape[0] - 1].sum() * 1e-3,
}  # fmt: skip


def results(function, size=SIZE):
    rng = np.random.default_rng(0)
    x, y = (chainrule.tensor(rng.standard_normal(size).astype(np.float32), requires_grad=True) for _ in range(2))
    z = function(x, y)
    z.backward(chainrule.tensor(np.broadcast_to(np.linspace(-1, 1, z.numel(), dtype=np.float32), z.numel()).reshape(z.shape)))
    return [z.detach().numpy(), *(t.grad.numpy() for t in (x, y) if t.grad is not None)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_machine_code_gives_the_numbers_of_numpy(name, monkeypatch):
    machine = results(FUNCTIONS[name])
    monkeypatch.setattr(lanes, "loop", lambda *_: None)
    for a, b in zip(machine, results(FUNCTIONS[name]), strict=True):
        assert a.dtype == b.dtype and a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=4e-6, atol=1e-6)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_written_past_the_caches_is_the_same(name, monkeypatch):
    usual = results(FUNCTIONS[name])
    for module in (lanes, passes):
        monkeypatch.setattr(module, "BEYOND", 1 << 16)  # the least for which memory begins at a line
    for a, b in zip(usual, results(FUNCTIONS[name]), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.skipif(not ready(), reason="llvmlite is not installed")
def test_only_results_too_large_for_the_caches_are_written_past_them():
    x = np.ones(16, np.float32)
    loop = lanes.loop(mul, None, [x, x], large.forward)
    ran = []
    loop = loop._replace(kernel=Ran("kernel", ran), streaming=Ran("streaming", ran))
    for size in (1 << 22, passes.BEYOND // 4):
        loop.run([x, x], (size,))
    assert ran == ["kernel", "streaming"]


class Ran:
    def __init__(self, name, ran):
        self.share = lambda *_: ran.append(name)


def test_the_gradient_of_a_number_times_a_large_array_is_machine_code(monkeypatch):
    seen = []
    machine = large.machine
    monkeypatch.setattr(large, "machine", lambda op, rule, *rest: seen.append((type(op).__name__, rule is None)) or machine(op, rule, *rest))
    x = chainrule.ones(large.SINGLE, requires_grad=True)
    g = chainrule.linspace(-1, 1, large.SINGLE)
    (-x).backward(g)
    assert seen == [("Neg", True), ("Neg", False)] and np.array_equal(x.grad.numpy(), -g.numpy())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_pieces_give_the_numbers_of_the_whole(name, monkeypatch):
    monkeypatch.setattr(lanes, "loop", lambda *_: None)
    pieces = results(FUNCTIONS[name])
    monkeypatch.setattr(large, "compute", lambda op, *arrays: op.compute(*arrays))
    monkeypatch.setattr(large, "pull", lambda rule, op, node, g: rule(op, node, g))
    monkeypatch.setattr(large, "add", lambda a, b, out=None: np.add(a, b, out=out))
    whole = results(FUNCTIONS[name])
    assert len(pieces) == len(whole)
    for a, b in zip(pieces, whole):
        assert a.dtype == b.dtype == np.float32 and a.shape == b.shape
        np.testing.assert_array_max_ulp(a, b, 2)  # vector and scalar loops of one function may round differently


@pytest.mark.parametrize("cores", [1, 3])
def test_the_number_of_threads_does_not_show(cores, monkeypatch):
    here = results(FUNCTIONS["several steps"])
    monkeypatch.setattr(threads, "cores", lambda: cores)
    for a, b in zip(here, results(FUNCTIONS["several steps"])):
        np.testing.assert_array_equal(a, b)


def test_every_entry_is_written_once():
    for size in (1, large.PIECE - 1, large.PIECE, large.PIECE + 1, SIZE):
        counts = np.zeros(size, np.int64)

        def task(i, j, counts=counts):
            counts[i:j] += 1

        large.share(task, size)
        assert counts.tolist() == [1] * size


def test_which_arrays_run_alike():
    x = np.arange(6.0).reshape(2, 3)
    assert large.aligned([x, x.T]) is None  # same size, different order in memory
    assert large.aligned([x.T, x.T]) is None
    assert large.aligned([np.ones((4, 1)), np.ones((1, 8))]) is None
    found = large.aligned([x, np.float64(2).reshape(()), np.broadcast_to(1.0, (2, 3))])
    assert found is not None and found.places == "=00" and [a.shape for a in found.lines()] == [(6,), (), ()]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.data())
def test_rows_that_repeat_are_what_broadcasting_says(sizes, data):
    """Operands with a 1 in some places: whether or not there is a way to go through them, the result is NumPy's."""
    shapes = [[data.draw(st.sampled_from([1, n])) for n in sizes][data.draw(st.integers(0, len(sizes) - 1)) :] for _ in range(2)]
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(s, np.float32) for s in (sizes, *shapes)]
    alike = large.aligned(arrays)
    expected = np.where(arrays[1] > 0, arrays[0] * arrays[2], arrays[0])
    op = maximum
    read = lambda op, a, b, c: where(b > 0, a * c, a)  # noqa: E731
    found = None if alike is None else large.machine(op, "a reading for this test", alike, read)
    if found is not None:
        np.testing.assert_array_equal(found, expected)
    elif ready():
        assert alike is None


def test_the_number_that_sum_hands_back_is_never_filled_in():
    """The gradient of a sum is one number seen from many places; a rule that multiplies it makes a real array of it."""
    x = chainrule.ones(SIZE, requires_grad=True)
    y = x * 3
    seen = []
    y.register_hook(lambda g: seen.append(g.stride()))
    y.sum().backward()
    assert seen == [(0,)]
    assert x.grad.stride() == (1,) and x.grad[-1].item() == 3.0
    x.grad[0] = 7.0
    assert x.grad[1].item() == 3.0


def test_gradients_of_a_plain_sum_can_be_written_to():
    x = chainrule.ones(SIZE, requires_grad=True)
    x.sum().backward()
    x.grad[0] = 5.0
    assert x.grad[1].item() == 1.0


def test_second_derivative_of_a_large_array():
    x = chainrule.linspace(-1, 1, SIZE).requires_grad_()
    (slope,) = chainrule.autograd.grad((x**3).sum(), x, create_graph=True)
    (curve,) = chainrule.autograd.grad(slope.sum(), x)
    np.testing.assert_allclose(curve.numpy(), 6 * x.detach().numpy(), rtol=1e-6)


def test_warnings_of_numpy_stay_silent_in_the_threads():
    x = chainrule.zeros(SIZE)
    assert chainrule.isinf(1 / x).all() and chainrule.isnan(x / x).all()


@pytest.mark.skipif(not ready(), reason="llvmlite is not installed")
def test_loops_ask_for_the_entries_of_arrays_ahead():
    """Of arrays that are gone through once, the result among them, not of a number or of a row."""
    x = np.ones(large.MANY, np.float32)
    rows = x.reshape(-1, 64)
    for arrays, asked in (([x, x], ["out", "x0", "x1"]), ([x, np.ones((), np.float32)], ["out", "x0"]), ([rows, rows[0]], ["out"])):
        alike = large.aligned(arrays)
        text = lanes.loop(mul, None, alike.arrays, large.forward, alike.places).kernel.show()
        found = {line.split()[1] for line in text.splitlines() if line.split()[0] == "prefetch"}
        assert sorted(found) == asked
