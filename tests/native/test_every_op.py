"""Every elementwise op that has machine code: the numbers, the truth values and the gradients that NumPy gives."""

import numpy as np
import pytest

from chainrule.graph import lanes, large
from chainrule.native import kernels
from tests.every_op.draws import entries, seeded
from tests.every_op.registry import ELEMENTWISE
from tests.every_op.test_elementwise import instances

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")
SPECIAL = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 6.0, 0.5], np.float32)
OPS = [pytest.param(op, id=repr(op)) for name in ELEMENTWISE for op in instances(name)]
MANY = {"Add", "Mul", "Exp", "Tanh", "Sin", "Relu", "Gelu", "Sigmoid", "Where", "Gt", "Pow", "Square", "Div", "Abs", "Silu", "Sqrt"}


def operands(op, special):
    rng = seeded(repr(op))
    found = [np.asarray(entries(op, name, i, (1000,), rng)) for i, name in enumerate(op.inputs)]
    if any(a.dtype.kind not in "fb" for a in found):
        return None
    found = [a.astype(np.float32) if a.dtype.kind == "f" else a for a in found]
    if special:
        for shift, a in enumerate(found):
            if a.dtype.kind == "f":
                a[: SPECIAL.size] = np.roll(SPECIAL, shift)
    return found




class Saved:
    shapes = None

    def __init__(self, saved):
        self.saved = saved


def readings(op, arrays):
    """(name, machine code or None, its operands, NumPy's answer) of an op and of its rules."""
    y = np.asarray(op.compute(*arrays))
    yield "value", lanes.loop(op, None, arrays, lambda op, *inputs: op(*inputs)), arrays, y
    if y.dtype.char != "f":
        return
    g = np.linspace(-2, 2, y.size, dtype=np.float32)
    for rule, keeps, name in zip(op.rules, op.keeps, op.inputs, strict=True):
        if rule is None:
            continue
        everything = [*arrays, y]
        saved = [a if i in keeps else None for i, a in enumerate(everything)]
        flat = [g, *[a for a in saved if a is not None]]
        read = lambda op, g, *rest, rule=rule, saved=saved: rule(op, large.Window(large.in_place(saved, rest)), g)  # noqa: E731
        try:
            code = lanes.loop(op, rule, flat, read)
        except (RuntimeError, NotImplementedError):  # an op without a derivative says so
            continue
        yield name, code, flat, None if code is None else np.asarray(rule(op, Saved(saved), g))


@pytest.mark.parametrize("special", [False, True], ids=["in its domain", "special values"])
@pytest.mark.parametrize("op", OPS)
def test_the_numbers_of_numpy(op, special):
    arrays = operands(op, special)
    if arrays is None:
        return
    with np.errstate(all="ignore"):
        for name, code, flat, expected in readings(op, arrays):
            if code is None:
                continue
            found = code.run(flat, expected.shape)
            assert found.dtype == expected.dtype, name
            if found.dtype.kind == "b":
                np.testing.assert_array_equal(found, expected, err_msg=name)
            else:
                np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-6, err_msg=name)


def test_the_ops_that_training_spends_its_time_in_have_machine_code():
    without = set()
    for name in MANY:
        for op in instances(name):
            arrays = operands(op, False)
            without |= {f"{op}: {what}" for what, code, *_ in readings(op, arrays) if code is None}
    assert {w for w in without if not w.startswith("Pow(")} == set()
    assert "Pow(exponent=2): value" not in without
