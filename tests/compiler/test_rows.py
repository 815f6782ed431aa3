"""Rows looked up by number are lines of a table; what comes back to them is added up by row."""

import numpy as np
import pytest

import chainrule as torch
from chainrule.native import kernels
from chainrule.nn import functional as F

from .carried_out import calls
from .oracle import parted

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")

LOOKUPS = {  # of a table of 300 rows: how they are looked up, the shape of the indices, that of a row
    "words": (lambda w, i: F.embedding(i, w), (4, 9), (20,)),
    "one word": (lambda w, i: F.embedding(i, w)[0], (1, 1), (20,)),
    "many words": (lambda w, i: F.embedding(i, w), (64, 50), (33,)),
    "their mean": (lambda w, i: F.embedding(i, w).mean(1), (16, 7), (48,)),
    "padding": (lambda w, i: F.embedding(i, w, padding_idx=2), (8, 8), (16,)),
    "numbers": (lambda w, i: w[i], (700,), ()),
    "pairs": (lambda w, i: w[i], (5, 6), (2, 3)),
    "in another order": (lambda w, i: F.embedding(i.T, w).mT, (8, 9), (16,)),
    "the same word": (lambda w, i: F.embedding(i[0].expand(40), w), (1,), (24,)),
    "columns": (lambda w, i: w.T.index_select(1, i), (50,), (7,)),
}


def made(name, kind):
    torch.manual_seed(0)
    look, many, row = LOOKUPS[name]
    w, i = torch.randn(300, *row, dtype=kind, requires_grad=True), torch.randint(0, 300, many)

    def step(i):
        w.grad = None
        rows = look(w, i)
        loss = (rows * rows.detach().tanh()).sum()
        loss.backward()
        return loss, w.grad

    return step, i


@pytest.mark.parametrize("name", LOOKUPS)
@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_rows(name, kind):
    function, i = made(name, kind)
    step = torch.compile(function)
    for _ in range(4):
        step(i)
    machine = step.plan_now("test").machine
    assert machine.whole or name == "columns", step.report()
    assert name == "columns" or not calls(machine.program)
    other = (i * 7 + 3) % 300
    expected, found = function(other), step(other)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-5, atol=1e-5)
    assert parted(step) == []


def test_sums_of_rows_do_not_depend_on_the_number_of_threads():
    found, before = [], torch.get_num_threads()
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            function, i = made("many words", torch.float32)
            step = torch.compile(function)
            for _ in range(4):
                loss, grad = step(i)
            found.append((loss.item(), grad.numpy().copy()))
    finally:
        torch.set_num_threads(before)
    assert len({loss for loss, _ in found}) == 1
    assert all(np.array_equal(found[0][1], grad) for _, grad in found[1:])


def test_rows_that_the_step_computes_are_added_where_there_are_such():
    w = torch.randn(300, 20, requires_grad=True)

    @torch.compile
    def step(i):
        w.grad = None
        F.embedding(i + 0, w).sum().backward()
        return w.grad

    for _ in range(4):
        step(torch.tensor([0, 299, 5] * 20))
    assert step.compiled
    found = step(torch.tensor([1, 10**9, -5] * 20))
    assert found[1].tolist() == [20.0] * 20 and found.sum().item() == 400.0
