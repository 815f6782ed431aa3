"""Small steps: what their programs and loops say, and that machine code, the loops' instructions and eager mode agree.

``UPDATE_GOLDEN=1 pytest tests/compiler/test_golden.py`` writes golden/ anew; the difference is to be read in review.
Lines are counted from the one that a step's builder begins with.
"""

import inspect
import os
import re
from pathlib import Path

import numpy as np
import pytest

import chainrule as torch
from chainrule.native import kernels
from tests.compiler.oracle import parted
from tests.compiler.steps import STEPS

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")
GOLDEN = Path(__file__).parent / "golden"


def compiled(name):
    function, changed = STEPS[name]()
    step = torch.compile(function)
    for _ in range(4):
        step()
    assert step.compiled, step.report()
    return step, changed


def relative(text, name):
    """Lines of the source as distances from the builder's first."""
    first = inspect.getsourcelines(STEPS[name])[1]
    return re.sub(r"\S*\bsteps\.py:(\d+)", lambda m: f"line {int(m[1]) - first}", text)


@pytest.mark.parametrize("stage", ["program", "loops"])
@pytest.mark.parametrize("name", STEPS)
def test_what_a_step_shows(name, stage):
    step, _ = compiled(name)
    text = relative(step.show(stage), name) + "\n"
    path = GOLDEN / f"{name}.{stage}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", STEPS)
def test_each_kernel_does_what_its_instructions_say(name):
    step, _ = compiled(name)
    assert parted(step) == []


@pytest.mark.parametrize("name", STEPS)
def test_a_step_does_what_eager_mode_does(name):
    step, mine = compiled(name)
    eager, theirs = STEPS[name]()
    for _ in range(4):
        eager()
    for _ in range(5):
        for a, b in zip(entries(step()), entries(eager()), strict=True):
            np.testing.assert_allclose(a, b, rtol=2e-5, atol=1e-6)
    for t, u in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(t.detach().numpy(), u.detach().numpy(), rtol=2e-5, atol=1e-6)
        assert (t.grad is None) is (u.grad is None)
        if t.grad is not None:
            np.testing.assert_allclose(t.grad.numpy(), u.grad.numpy(), rtol=2e-5, atol=1e-6)


def entries(result):
    return [r.detach().numpy() for r in (result if isinstance(result, tuple) else (result,))]


def test_no_file_is_left_over():
    assert {path.name for path in GOLDEN.iterdir()} == {f"{n}.{stage}.txt" for n in STEPS for stage in ("program", "loops")}
