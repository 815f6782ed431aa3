"""Single passes over memory give NumPy's numbers, bit for bit, and are what large arrays are given to."""

import numpy as np
import pytest

import chainrule
from chainrule.base import threads
from chainrule.graph import large
from chainrule.native import kernels, passes

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")
SIZES = (1, 15, passes.STEP, passes.STEP + 1, 3 * passes.STEP - 7)


def arrays(*shapes, kind=np.float32):
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape).astype(kind) for shape in shapes]


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("size", SIZES)
def test_sums(size, kind):
    x, y = arrays(size, size, kind=kind)
    expected = x + y
    assert np.array_equal(passes.add(x, y), expected)
    assert passes.add(x, y, x) is x and np.array_equal(x, expected)


@pytest.mark.parametrize("cores", [1, 3])
def test_sums_do_not_depend_on_the_threads(cores, monkeypatch):
    monkeypatch.setattr(threads, "cores", lambda: cores)
    x, y = arrays(100_000, 100_000)
    assert np.array_equal(passes.add(x, y), x + y)


def test_whole_numbers_are_left_to_numpy():
    x = np.arange(large.SINGLE)
    assert passes.add(x, x) is None and np.array_equal(large.add(x, x), 2 * x)


def test_gradients_that_meet_are_added_by_all_cores(monkeypatch):
    """x · a + x · b + x · c: three gradients meet at x, the third is added to the sum of two where that is."""
    seen = []
    add = passes.add
    monkeypatch.setattr(passes, "add", lambda x, y, out=None: seen.append(out is not None) or add(x, y, out))
    n = large.SINGLE
    x = chainrule.ones(n, requires_grad=True)
    a, b, c = map(chainrule.tensor, arrays(n, n, n))
    (x * a + x * b + x * c).sum().backward()
    assert seen == [False, True]
    assert np.array_equal(x.grad.numpy(), c.numpy() + b.numpy() + a.numpy())


@pytest.mark.parametrize("small", [False, True])
def test_one_operation_on_a_large_array_is_shared(small, monkeypatch):
    seen = []
    machine = large.machine
    monkeypatch.setattr(large, "machine", lambda op, *rest: seen.append(type(op).__name__) or machine(op, *rest))
    x, y = map(chainrule.tensor, arrays(*[large.SINGLE - small] * 2))
    assert np.array_equal((x + y).numpy(), x.numpy() + y.numpy()) and np.array_equal((x * 0.3).numpy(), x.numpy() * np.float32(0.3))
    assert seen == ([] if small else ["Add", "Mul"])
