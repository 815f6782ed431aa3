"""Every elementwise op: drawn from its domain, its value is its formula's, its derivatives those of its value."""

import numpy as np
import pytest

from chainrule.graph.value import Value, wrap
from chainrule.ops.polynomials import Polynomial
from tests.every_op.derivatives import Along, leaves
from tests.every_op.draws import entries, seeded
from tests.every_op.registry import ELEMENTWISE

# The attributes with which an op that has some is tried.
ATTRIBUTES = {
    "AddCDiv": [(0.5,)],
    "AddCMul": [(0.5,)],
    "Celu": [(0.7, 1, 1 / 0.7)],
    "Clamp": [(-0.5, 1.0), (None, 0.5), (0.25, None)],
    "Elu": [(1, 1, 1), (1.7, 1.1, 0.5)],
    "HardShrink": [(0.5,)],
    "HardTanh": [(-0.5, 1.0)],
    "LeakyRelu": [(0.1,), (1.5,)],
    "LerpBy": [(0.25,), (0.75,)],
    "Logit": [(None,), (0.3,)],
    "NanToNum": [(0.0, None, None)],
    "Polygamma": [(0,), (1,), (2,)],
    "Pow": [(0,), (1,), (2,), (3,), (-1,), (0.5,), (-0.5,), (2.5,)],
    "Square": [(2,)],
    "Round": [(0,), (1,)],
    "Scale": [(0.25, "Deg2RadBackward0")],
    "SoftShrink": [(0.5,)],
    "Softplus": [(1, 20), (2, 1)],
    "Threshold": [(0.25, -1.0)],
    **{name: [(0,), (1,), (2,)] for name, kind in ELEMENTWISE.items() if issubclass(kind, Polynomial)},
}  # fmt: skip
# The inputs by which there is no derivative, as an error says.
REFUSED = [("Igamma", "a"), ("Igammac", "a"), ("Zeta", "s")]
SHAPES = [((3, 4), (3, 4), (3, 4)), ((), (), ()), ((2, 3), (3,), (2, 1)), ((1, 3), (2, 1), (1, 1))]


def instances(name):
    kind = ELEMENTWISE[name]
    if name not in ATTRIBUTES and kind.fields == ("torch_name",):
        return [kind("SomeBackward0")]
    return [kind(*attributes) for attributes in ATTRIBUTES.get(name, [()])]


OPS = [pytest.param(op, id=repr(op)) for name in ELEMENTWISE for op in instances(name)]


def drawn(op, shapes):
    rng = seeded(repr(op))
    return [entries(op, name, i, shape, rng) for i, (name, shape) in enumerate(zip(op.inputs, shapes))]


@pytest.mark.parametrize("op", OPS)
def test_value_is_the_formula(op):
    """On arrays of several shapes, and on one large enough to be computed in pieces."""
    for shapes in [*SHAPES, ((5000,), (5000,), (5000,))]:
        arrays = drawn(op, shapes)
        y = np.asarray(op(*arrays))
        assert np.isfinite(y).all()
        assert y.shape == np.broadcast_shapes(*[a.shape for a in arrays])
        np.testing.assert_allclose(y, formula(op, arrays), rtol=1e-12, atol=1e-14)


def formula(op, arrays):
    """The op's `forward`, where it says more than the op's name."""
    own = []

    class Name:
        def __symbol__(self, *_):
            own.append(True)

    try:
        op.forward(*[Name()] * len(arrays))
    except TypeError:
        return op.forward(*arrays)
    return op(*arrays) if own else op.forward(*arrays)


@pytest.mark.parametrize("op", OPS)
def test_first_derivative(op):
    for shapes in SHAPES:
        arrays = drawn(op, shapes)
        problem = Along(op, arrays, seeded(repr(op)), without_rule(op))
        if not problem.outputs or not has_derivative(op):
            continue
        engine, differences = problem.first()
        assert engine == pytest.approx(differences, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("op", OPS)
def test_second_derivative(op):
    for shapes in SHAPES:
        problem = Along(op, drawn(op, shapes), seeded(repr(op)), without_rule(op))
        if not problem.outputs or not has_derivative(op):
            continue
        engine, differences = problem.second()
        assert engine == pytest.approx(differences, rel=1e-6, abs=1e-6)


def without_rule(op):
    """The places of inputs that have no derivative by the op's own account, such as a slope that was drawn."""
    return tuple(i for i, rule in enumerate(op.rules) if rule is None or (type(op).__name__, op.inputs[i]) in REFUSED)


def has_derivative(op):
    """False for ops whose rules say that they have none."""
    return op.torch_name != "torch::autograd::NotImplemented"


@pytest.mark.parametrize("op", OPS)
def test_no_more_is_kept_than_the_rules_name(op):
    """With gradients wanted for one input at a time, and for all."""
    arrays = drawn(op, SHAPES[0])
    for alone in [*range(len(arrays)), None]:
        values = leaves(arrays)
        for i, v in enumerate(values):
            if alone is not None and i != alone and isinstance(v, Value):
                v.node = None
        y = op(*values)
        if y.node is None:
            continue
        named = {k for edge, keep in zip(y.node.edges, op.keeps) if edge is not None for k in keep}
        kept = {i for i, saved in enumerate(y.node.saved) if saved is not None}
        assert kept == named


@pytest.mark.parametrize("op", OPS)
def test_formula_and_derivative_can_be_printed(op):
    assert op.formula_text().startswith("y = ")
    assert op.formula_text(latex=True).startswith("y = ")
    lines = op.derivative_text().split("\n") if any(op.rules) else []
    assert [line[:5] for line in lines] == [f"∂y/∂{name}"[:5] for name, rule in zip(op.inputs, op.rules) if rule]


@pytest.mark.parametrize("op", OPS)
def test_float32_stays_float32(op):
    """The value, and the gradients on the way back, which Python's numbers must not widen."""
    arrays = [a.astype(np.float32) if a.dtype.kind == "f" else a for a in drawn(op, SHAPES[0])]
    y = op(*leaves(arrays, without_rule(op)))
    if y.array.dtype.kind != "f":
        return
    assert y.array.dtype == np.float32
    if y.node is None or not has_derivative(op):
        return
    g = np.ones(y.array.shape, np.float32)
    for create in (False, True):
        found = y.node.op.pull(y.node, wrap(g) if create else g)
        assert all(d is None or (d.array if create else np.asarray(d)).dtype == np.float32 for d in found)
