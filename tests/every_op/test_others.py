"""Every op that is not elementwise: its derivatives are those of its value, to order 2; fast pairs are their formulas;
values and gradients are PyTorch's."""

import numpy as np
import pytest

import chainrule
import chainrule.nn.functional
from chainrule.graph.backward import through_formula
from chainrule.graph.op import Joint, Op
from chainrule.graph.value import Pick, Value, wrap
from chainrule.ops.factorisations import Factorisation
from tests.every_op.cases import CASES, FIRST_ORDER_ONLY, Fixed
from tests.every_op.derivatives import Along, gradients, leaves, recording, results
from tests.every_op.draws import seeded
from tests.every_op.registry import ALL as EVERY
from tests.every_op.registry import OTHERS

ALL = [
    pytest.param(name, i, id=f"{name}-{i}" if i else name) for name, cases in CASES.items() for i in range(len(cases))
]


def case(name, number):
    """The program, its inputs, the places of those that no gradient is asked of, and the generator that drew them."""
    program, *inputs = CASES[name][number]
    rng = seeded(f"{name} {number}")
    arrays = [rng.standard_normal(i) if isinstance(i, tuple) else i(rng) for i in inputs]
    return program, arrays, tuple(k for k, i in enumerate(inputs) if isinstance(i, Fixed)), rng


def graph(values):
    """All nodes behind some values."""
    found, stack = {}, [v.node for v in values if isinstance(v, Value) and v.node is not None]
    while stack:
        node = stack.pop()
        node = node.parent if isinstance(node, Pick) else node
        if id(node) not in found:
            found[id(node)] = node
            stack += [edge for edge in node.edges if edge is not None]
    return list(found.values())


def recorded(name, number):
    """The nodes of a case's graph, and of the graph of its gradient."""
    program, arrays, still, rng = case(name, number)
    values = leaves(arrays, still)
    outputs = results(lambda *x: program(chainrule, *x), values)
    if name in FIRST_ORDER_ONLY:
        return graph(outputs), []
    with recording(True):
        upstream = [rng.standard_normal(y.array.shape).astype(y.array.dtype) for y in outputs]
        found = gradients(values, outputs, upstream, create=True)
    return graph(outputs), graph(found)


def names(nodes):
    return {type(getattr(node.op, "op", node.op)).__name__ for node in nodes if node.op is not None}


def test_every_op_has_a_case():
    missing = sorted(name for name in OTHERS.keys() - CASES.keys() if not only_a_name(OTHERS[name]))
    assert not missing, f"add a line to tests/every_op/cases.py for {missing}"


def only_a_name(op):
    """Whether an op says what another one with a case says, under another of PyTorch's names."""
    base = op.__bases__[0]
    own = [n for n in vars(op) if n.startswith(("pull", "d_")) or n in ("forward", "formula")]
    return not own and (base.__name__ in CASES or (issubclass(base, Op) and only_a_name(base)))


@pytest.mark.parametrize("name", CASES)
def test_case_records_its_op(name):
    found = set()
    for number in range(len(CASES[name])):
        forward, backward = recorded(name, number)
        found |= names(forward) | names(backward)
    assert name in found


@pytest.mark.parametrize("name, number", ALL)
def test_derivatives(name, number):
    program, arrays, still, rng = case(name, number)
    problem = Along(lambda *x: program(chainrule, *x), arrays, rng, still)
    assert all(np.isfinite(y.array).all() for y in problem.outputs)
    engine, differences = problem.first()
    assert engine == pytest.approx(differences, rel=2e-6, abs=2e-6)
    if name in FIRST_ORDER_ONLY:
        with pytest.raises(RuntimeError, match="not available"):
            problem.second()
        return
    engine, differences = problem.second()
    assert engine == pytest.approx(differences, rel=2e-6, abs=2e-6)


def has_formula(op):
    """Whether an op's derivatives of derivatives go through a formula; a factorisation's go through its own rule."""
    return issubclass(op, Joint) and not issubclass(op, Factorisation)


JOINT = [p for p in ALL if has_formula(OTHERS.get(p.values[0], object)) and p.values[0] not in FIRST_ORDER_ONLY]


@pytest.mark.parametrize("name, number", JOINT)
def test_fast_pair_is_the_formula(name, number):
    """The value and the gradients of a `Joint` op, computed the fast way and through its formula."""
    forward, _ = recorded(name, number)
    for node in forward:
        if not isinstance(node.op, Joint):
            continue
        arrays = node.saved[1]
        y = node.op.compute(*arrays)[0]
        ys = list(y) if node.op.outputs != 1 else [y]
        formula = node.op.formula(*[wrap(a) if isinstance(a, np.ndarray) else a for a in arrays])
        for fast, slow in zip(ys, formula if isinstance(formula, tuple) else (formula,)):
            np.testing.assert_allclose(fast, getattr(slow, "array", slow), rtol=1e-10, atol=1e-12)
        rng = seeded(name)
        g = [
            rng.standard_normal(np.shape(a)) if i in differentiated(node.op, ys) else np.zeros(np.shape(a))
            for i, a in enumerate(ys)
        ]
        upstream = g if node.op.outputs != 1 else g[0]
        fast = node.op.pull(node, upstream)
        with recording(True):
            slow = through_formula(node.op, node, [wrap(d) for d in g] if node.op.outputs != 1 else wrap(g[0]))
        for a, b, edge in zip(fast, slow, node.edges):
            if edge is not None:
                np.testing.assert_allclose(a, 0 if b is None else b.array, rtol=1e-9, atol=1e-10)


def differentiated(op, outputs):
    """The places of the outputs that carry a gradient: of a normalisation, not its statistics."""
    return range(1 if type(op).__name__ == "NativeBatchNorm" else len(outputs))


@pytest.mark.parametrize("name", CASES)
def test_no_more_is_kept_than_the_rules_name(name):
    forward, backward = recorded(name, 0)
    for node in forward + backward:
        op = getattr(node.op, "op", node.op)
        if type(op).__name__ != name or isinstance(op, Joint) or not node.saved or len(op.keeps) != len(node.edges):
            continue
        named = {k for edge, keep in zip(node.edges, op.keeps) if edge is not None for k in keep}
        assert {i for i, saved in enumerate(node.saved) if saved is not None} <= named


@pytest.mark.parametrize("name, number", ALL)
def test_like_pytorch(name, number):
    torch = pytest.importorskip("torch")
    found = []
    for t in (chainrule, torch):
        program, arrays, still, rng = case(name, number)
        inputs = [t.tensor(a) for a in arrays]
        for i, x in enumerate(inputs):
            if i not in still and (x.dtype.is_floating_point or x.dtype.is_complex):
                x.requires_grad_()
        y = program(t, *inputs)
        ys = [r for r in flat(y) if r.dtype.is_floating_point or r.dtype.is_complex]
        total = 0
        for r in ys:
            c = rng.standard_normal(tuple(r.shape)) + (
                1j * rng.standard_normal(tuple(r.shape)) if r.dtype.is_complex else 0
            )
            product = r * t.tensor(c.conj() if r.dtype.is_complex else c)
            total = total + (product.real if r.dtype.is_complex else product).sum()
        total.backward()
        found.append((ys, [x.grad for x in inputs]))
    for a, b in zip(*[flat(r) for r in found]):
        if b is not None and a is not None:
            np.testing.assert_allclose(np.asarray(a.tolist()), np.asarray(b.tolist()), rtol=1e-8, atol=1e-10)
        else:
            assert not any(v is not None and (v != 0).any() for v in (a, b))


def flat(y):
    return [r for part in y for r in flat(part)] if isinstance(y, (tuple, list)) else [y]


def test_names_are_unique():
    """Two ops of one name would replace each other in the registry."""
    found = [op.__name__ for op in EVERY]
    assert sorted(set(found)) == found
