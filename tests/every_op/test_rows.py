"""Every op: the gradients for many upstream gradients found in one pass are those found in a pass for each."""

import numpy as np
import pytest

import chainrule
from chainrule.graph import backward as engine
from chainrule.graph.value import Value
from chainrule.ops.rows import passes
from tests.every_op.cases import FIRST_ORDER_ONLY
from tests.every_op.derivatives import draw, gradients, leaves, recording, results
from tests.every_op.draws import seeded
from tests.every_op.test_elementwise import OPS, SHAPES, drawn, has_derivative, without_rule
from tests.every_op.test_others import ALL, JOINT, case

COUNT = 3
slowly = passes.row_by_row


@pytest.fixture(autouse=True)
def rules_are_read_on_rows(monkeypatch):
    """Fails if a rule had to be read row by row, other than a fused kernel or one that is known to."""
    apart = []
    monkeypatch.setattr(passes, "row_by_row", lambda node, g: apart.append(node.op) or slowly(node, g))
    yield
    known = {"CopySlices", "Fill"}  # one writes into an array, one is 0 for all rows
    assert {type(op).__name__ for op in apart if op.by_rows} <= known


def check(values, outputs, rng, near=1e-11):
    """One output at a time, and all together."""
    wanted = [v.node for v in values if isinstance(v, Value) and v.node is not None]
    outputs = [y for y in outputs if y.node is not None]
    if not wanted or not outputs:
        return
    upstream = [np.stack([draw(y.array, rng) for _ in range(COUNT)]) for y in outputs]
    every = list(range(len(outputs)))
    for chosen in [[i] for i in every] + ([every] if len(every) > 1 else []):
        ways = [(outputs[k].node, upstream[k]) for k in chosen]
        found = passes.gradients(lambda i, j, ways=ways: [(n, g[i:j]) for n, g in ways], COUNT, wanted)
        for row in range(COUNT):
            roots = [(n, g[row]) for n, g in ways]
            caught = engine.backward(roots, retain=True, only=wanted, capture=True)
            for node, d in zip(wanted, found):
                assert (d is None) == (node not in caught)
                if d is not None:
                    assert d.shape[1:] == caught[node].shape
                    assert d.dtype == caught[node].dtype
                    np.testing.assert_allclose(d[row], caught[node], rtol=near, atol=near / 10)


def slopes(function, values, rng):
    """The gradients at the inputs, with a history."""
    with recording(True):
        outputs = results(function, values)
        upstream = [draw(y.array, rng) for y in outputs]
        return [g for g in gradients(values, outputs, upstream, create=True) if isinstance(g, Value)]


@pytest.mark.parametrize("name, number", ALL)
def test_rows(name, number):
    program, arrays, still, rng = case(name, number)
    values = leaves(arrays, still)
    check(values, results(lambda *x: program(chainrule, *x), values), rng)


@pytest.mark.parametrize("name, number", [p for p in ALL if p.values[0] not in FIRST_ORDER_ONLY])
def test_rows_of_gradients(name, number):
    program, arrays, still, rng = case(name, number)
    values = leaves(arrays, still)
    check(values, slopes(lambda *x: program(chainrule, *x), values, rng), rng)


@pytest.mark.parametrize("name, number", JOINT)
def test_rows_through_formulas(name, number, monkeypatch):
    """A fused op that is called often for little is read in terms of other ops."""
    monkeypatch.setattr(passes, "MANY", 2)
    program, arrays, still, rng = case(name, number)
    values = leaves(arrays, still)
    apart = []
    monkeypatch.setattr(passes, "row_by_row", lambda node, g: apart.append(node.op) or slowly(node, g))
    check(values, results(lambda *x: program(chainrule, *x), values), rng, near=1e-9)
    assert name not in [type(op).__name__ for op in apart]


@pytest.mark.parametrize("op", OPS)
def test_rows_of_elementwise_ops(op):
    if not has_derivative(op):
        return
    for shapes in (SHAPES[1], SHAPES[2]):
        for find in (lambda values, rng: results(op, values), lambda values, rng: slopes(op, values, rng)):
            rng = seeded(repr(op))
            values = leaves(drawn(op, shapes), without_rule(op))
            check(values, find(values, rng), rng)
