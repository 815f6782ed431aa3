"""Every op in a recorded step, forward and backward: the program says what the op does, and which ops stay calls is known.

A program is recorded once, its inputs are then given other entries, and it is carried out in NumPy and, if nothing is
called, by machine code: what is not in the program, or was taken for a constant, comes out differently.
"""

import warnings

import numpy as np
import pytest

import chainrule
import chainrule.nn.functional
from chainrule.compiler.running import Machine
from chainrule.graph.value import Value
from chainrule.native import kernels
from tests.compiler.called import CALLED, STOPPED, WITHOUT_DERIVATIVE
from tests.compiler.carried_out import calls, carry_out, recorded
from tests.every_op.cases import CASES
from tests.every_op.test_elementwise import OPS, drawn
from tests.every_op.test_others import case

SINGLE = {"f": np.float32, "c": np.complex64}


def others():
    return [(f"{name}-{i}", name, i) for name, cases in CASES.items() for i in range(len(cases))]


def rounded(a):
    """Floating-point numbers in single precision."""
    return a.astype(SINGLE.get(a.dtype.kind, a.dtype))


class Step:
    """A program and its gradients, on inputs that can be given other entries."""

    def __init__(self, program, arrays, still=(), single=True):
        self.program = program
        self.inputs = [chainrule.tensor(rounded(np.asarray(a)) if single else np.asarray(a)) for a in arrays]
        self.leaves = [x for i, x in enumerate(self.inputs) if x.array.dtype.kind in "fc" and i not in still]
        for x in self.leaves:
            x.requires_grad_()
        self.upstream = []

    def __call__(self):
        y = self.program(*self.inputs)
        results = [r for r in (y if isinstance(y, (tuple, list)) else [y]) if isinstance(r, Value)]
        sources = [r for r in results if r.node is not None and r.array.dtype.kind in "fc"]
        if not sources:
            return results
        if not self.upstream:
            rng = np.random.default_rng(0)
            self.upstream = [chainrule.tensor(np.asarray(rng.standard_normal(r.shape)).astype(r.array.dtype)) for r in sources]
        found = chainrule.autograd.grad(sources, self.leaves, self.upstream, allow_unused=True)
        return results + [g for g in found if g is not None]

    def other_entries(self):
        for x in self.inputs:
            if x.array.dtype.kind in "fc":
                x.array[...] = np.roll(x.array.reshape(-1), 1).reshape(x.shape)


def alike(found, expected):
    for mine, theirs in zip(found, expected, strict=True):
        exact = theirs.array
        assert (mine.dtype, mine.shape) == (exact.dtype, exact.shape)
        close = 1e-9 if exact.dtype.char in "dD" else 1e-4
        np.testing.assert_allclose(mine, exact, rtol=close, atol=close / 10)


def by_machine(program):
    """The results of a program's machine code."""
    machine = Machine(program)
    for node in program.inputs:
        machine.bind(node, node.data.array)
    machine.tell(1)
    machine.run()
    return [np.array(machine.seen(r)) for r in program.results]


def held(name, step):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, now = recorded(step)
        assert bool(now.breaks) is (name in STOPPED), now.breaks
        if now.breaks:
            return
        step.other_entries()
        expected = step()
        alike(carry_out(now.program), expected)
        if kernels.ready() and not calls(now.program):
            alike(by_machine(now.program), expected)
    if step.leaves and step.leaves[0].array.dtype == np.float32:
        assert (name in CALLED) is bool(calls(now.program)), f"{name} calls {calls(now.program)}: tell tests/compiler/called.py"


@pytest.mark.parametrize("single", [True, False], ids=["float32", "float64"])
@pytest.mark.parametrize(("name", "op", "number"), [pytest.param(*c, id=c[0]) for c in others()])
def test_op(name, op, number, single):
    program, arrays, still, _ = case(op, number)
    if "WithStatistics" in op and single:
        pytest.skip("the case has statistics in double precision")
    held(name, Step(lambda *x: program(chainrule, *x), arrays, still, single))


@pytest.mark.parametrize("op", OPS)
def test_elementwise_op(op):
    arrays = drawn(op, ((3, 4),) * 3)
    step = Step(op, arrays)
    if type(op).__name__ in WITHOUT_DERIVATIVE:
        step.leaves = []
        for x in step.inputs:
            x.requires_grad_(False)
    held(repr(op), step)
