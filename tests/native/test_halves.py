"""float16 and bfloat16 by machine code: NumPy's bits when converted, PyTorch's digits when computed with."""

import numpy as np
import pytest

from chainrule.base.dtypes import by_name
from chainrule.graph import lanes
from chainrule.native import halves, kernels

pytest.importorskip("ml_dtypes")
pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")
NAMES = ["float16", "bfloat16"]


def every(half):
    """All 2¹⁶ numbers of a dtype, those that are no numbers left out."""
    x = np.arange(1 << 16, dtype=np.uint16).view(half)
    with np.errstate(invalid="ignore"):
        return x[x == x]


@pytest.mark.parametrize("name", NAMES)
def test_conversions(name):
    half = by_name(name).numpy
    if not halves.known(half.char):
        pytest.skip("the processor does not convert float16")
    x = every(half)
    wide = halves.widened(x)
    np.testing.assert_array_equal(wide.view(np.int32), x.astype(np.float32).view(np.int32))
    with np.errstate(all="ignore"):
        between = np.concatenate([wide, np.nextafter(wide, np.float32(np.inf)), wide * np.float32(1 + 2**-9), wide * np.float32(1.003)])
        np.testing.assert_array_equal(halves.narrowed(between, half).view(np.int16), between.astype(half).view(np.int16))
    assert np.isnan(halves.narrowed(np.full(5000, np.nan, np.float32), half).astype(np.float32)).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("what", ["add", "mul", "div", "times 3", "gelu", "relu", "compare", "rows"])
def test_operations_and_gradients_are_pytorchs(what, name):
    torch = pytest.importorskip("torch")
    import chainrule

    calls = {
        "add": lambda t, a, b: a + b, "mul": lambda t, a, b: a * b, "div": lambda t, a, b: a / b, "times 3": lambda t, a, b: a * 3,
        "gelu": lambda t, a, b: t.nn.functional.gelu(a), "relu": lambda t, a, b: a.relu(), "compare": lambda t, a, b: a < b,
        "rows": lambda t, a, b: a.reshape(100, 100) + b[:100],
    }  # fmt: skip
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-4, 4, 10_000).astype(np.float32), rng.uniform(0.5, 2, 10_000).astype(np.float32)
    results = []
    for t in (torch, chainrule):
        a, b = (t.from_numpy(v.copy()).to(getattr(t, name)).requires_grad_() for v in (x, y))
        out = calls[what](t, a, b)
        found = [out.detach()]
        if what != "compare":
            out.backward(t.from_numpy(y.copy()).to(out.dtype).reshape(out.shape))
            found += [v.grad for v in (a, b) if v.grad is not None]
        results.append([np.asarray(v.float().numpy()) for v in found])
    for theirs, ours in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-2 if name == "bfloat16" else 2e-3, atol=1e-3)
    ours, theirs = results[1][0], results[0][0]
    assert (ours == theirs).mean() > (0.9 if what == "gelu" else 0.98)  # of gradients PyTorch rounds the steps between


def test_a_sum_of_halves_has_machine_code():
    from chainrule.ops.arithmetic import add

    a = np.ones(10, by_name("bfloat16").numpy)
    assert lanes.loop(add, None, [a, a], lambda op, *inputs: op(*inputs)) is not None
