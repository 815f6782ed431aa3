"""Each timed step computes the same under chainrule and PyTorch: the table compares like with like."""

import pytest

import chainrule
from benchmarks.measure import disagreements
from benchmarks.rows import ROWS, StepRow
from benchmarks.worker import three_steps

HEAVY = {"wide", "elementwise", "softmax", "gpt", "cnn", "logistic"}
# A row is listed here only while it fails, with the reason; strict, so that the day it passes shows.
FAILS: dict[str, str] = {}


def marked(row: StepRow):
    marks = [pytest.mark.slow] if row.name in HEAVY else []
    if reason := FAILS.get(row.name):
        marks.append(pytest.mark.xfail(strict=True, reason=reason))
    return pytest.param(row, id=row.name, marks=marks)


@pytest.mark.parametrize("row", [marked(row) for row in ROWS if isinstance(row, StepRow)])
def test_computes_what_torch_computes(row):
    torch = pytest.importorskip("torch")
    workload = row.workloads["torch"]
    computed = {
        "chainrule": three_steps(*workload(chainrule)),
        "PyTorch": three_steps(*workload(torch)),
    }
    assert len(computed["chainrule"]) == len(computed["PyTorch"])
    assert disagreements(computed, row.tolerance) == {}


@pytest.mark.parametrize("name", ["autograd", "optimizer", "linear"])
def test_by_hand_in_numpy_computes_the_same(name):
    import numpy as np

    row = next(row for row in ROWS if row.name == name)
    computed = {
        "chainrule": three_steps(*row.workloads["torch"](chainrule))[:3],
        "NumPy by hand": three_steps(*row.workloads["numpy"](np)),
    }
    assert disagreements(computed, row.tolerance) == {}


def test_a_worker_answers_with_what_it_computes_and_with_times():
    from benchmarks.frameworks import CHAINRULE
    from benchmarks.worker import Worker

    worker = Worker(CHAINRULE, "autograd")
    assert worker.computed[:2] == pytest.approx([30, 21.675], rel=1e-4)
    assert worker.turn(0.001) > 0
    worker.close()
    assert worker.process.returncode == 0


def test_a_worker_that_cannot_run_its_row_says_why():
    from benchmarks.frameworks import Framework
    from benchmarks.worker import Worker

    with pytest.raises(RuntimeError, match="the worker ended with exit status 1"):
        Worker(Framework("nobody", "nothing", "torch"), "autograd")
