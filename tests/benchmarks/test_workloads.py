"""Each timed step computes the same under every framework that is there: the table compares like with like."""

import pytest

from benchmarks import process
from benchmarks.frameworks import CHAINRULE, JAX_JIT, JAX_SCAN, NUMPY, PYTORCH, REPEAT
from benchmarks.measure import disagreements
from benchmarks.rows import STEPS, StepRow
from benchmarks.worker import prepared

HEAVY = {"wide", "elementwise", "softmax", "gpt", "cnn", "batchnorm", "logistic"}


def computed(row: StepRow, *frameworks):
    return {f.name: prepared(f, row)[1]["computed"] for f in frameworks if f.dialect in row.workloads}


def marked(row: StepRow):
    return pytest.param(row, id=row.name, marks=[pytest.mark.slow] if row.name in HEAVY else [])


@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")  # torch's own, inside torch.func
@pytest.mark.parametrize("row", [marked(row) for row in STEPS])
def test_computes_what_torch_computes(row):
    pytest.importorskip("torch")
    found = computed(row, CHAINRULE, PYTORCH)
    assert len(found["chainrule"]) == len(found["PyTorch"])
    assert disagreements(found, row.tolerance) == {}


@pytest.mark.parametrize("row", [marked(row) for row in STEPS if "numpy" in row.workloads])
def test_by_hand_in_numpy_computes_the_same(row):
    assert disagreements(computed(row, CHAINRULE, NUMPY), row.tolerance) == {}


@pytest.mark.slow
@pytest.mark.parametrize("row", STEPS, ids=lambda row: row.name)
def test_jax_computes_the_same(row):
    pytest.importorskip("jax")
    chain = row.repeats is not None or row.inner
    assert disagreements(computed(row, CHAINRULE, JAX_JIT, *[JAX_SCAN] * chain), row.tolerance) == {}


def test_names_of_rows_and_titles_are_each_their_own():
    from benchmarks.rows import ROWS

    assert len({row.name for row in ROWS}) == len({row.title for row in ROWS}) == len(ROWS)


def test_the_size_on_disk_counts_what_is_required():
    alone, all_of_it = process.size_of_distribution("numpy"), process.size_on_disk(CHAINRULE, None)
    assert {"numpy", "llvmlite", "click"} <= process.required("chainrule")
    assert all_of_it > alone > 10_000_000


def test_an_epoch_in_one_call_computes_the_same():
    row = next(row for row in STEPS if row.inner)
    assert disagreements(computed(row, CHAINRULE, REPEAT), row.tolerance) == {}
