"""Which values are computed together, and which are made again where they are needed."""

import numpy as np
import pytest

import chainrule as torch
from chainrule.compiler.blocks import lodged
from chainrule.compiler.fusion import Schedule
from chainrule.compiler.program import Program
from chainrule.compiler.symbolic import Sym
from chainrule.ops.logic import where
from chainrule.ops.scalar import exp


def drafted(formula, *shapes):
    """The schedule of a formula of float32 inputs."""
    program = Program()
    arrays = [np.zeros(s, np.float32) for s in shapes]
    inputs = [Sym(program, program.add("input", (), a.shape, a.dtype, a)) for a in arrays]
    program.results = [y.node for y in formula(*inputs)]
    return Schedule(program)


def compiles_to_the_same(step):
    plain, compiled = step(), torch.compile(step)
    for _ in range(4):
        result = compiled()
    assert compiled.report().startswith("compiled")
    for a, b in zip(plain, result):
        torch.testing.assert_close(a, b, equal_nan=True)



def test_a_mask_is_made_in_each_loop_that_needs_it():
    def rows(x, t):
        hit = x > t
        total = where(hit, x, 0.0).sum(1, keepdims=True)
        return [where(hit, x / total, 1.0)]

    schedule = drafted(rows, (200, 400), (200, 1))
    masks = [n for n in schedule.cheap if type(n.data).__name__ == "Gt"]
    assert len(masks) == 1
    holders = [g for g in schedule.groups if masks[0] in g.nodes]
    assert len(holders) == 2 and not any(masks[0] in g.stored for g in schedule.groups)


def test_a_mask_that_is_asked_for_is_stored():
    schedule = drafted(lambda x, t: [x > t], (200, 400), (200, 1))
    assert not schedule.cheap and any(g.stored for g in schedule.groups)


def test_a_value_lives_where_the_result_will_be_that_takes_its_place():
    def shares(x):
        e = exp(x - x.max(1, keepdims=True))
        return [e / e.sum(1, keepdims=True)]

    schedule = drafted(shares, (200, 400))
    (batch,) = [b for b in schedule.batches if len(b) > 1]
    (y,) = schedule.program.results
    (e,) = [n for n in schedule.nodes if type(n.data).__name__ == "Exp"]
    assert lodged(batch, schedule.local(batch)) == {e: y}
    assert lodged(batch[:-1], {e}) == {}  # without the loop that ends with the result


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
@pytest.mark.parametrize("wrong", [None, float("nan"), float("-inf"), float("inf")])
def test_rows_with_an_entry_that_is_no_number(wrong, kind):
    """The loss of its row, and that row's gradient, are as they are without machine code."""
    scores = torch.randn(200, 300, dtype=kind)
    target, weight = torch.randint(0, 300, (200,)), torch.rand(300, dtype=kind)
    if wrong is not None:
        scores[7, 150] = scores[8, target[8]] = wrong
    scores.requires_grad_()

    def step():
        loss = torch.nn.functional.cross_entropy(scores, target, weight, reduction="none")
        loss.sum().backward()
        found = scores.grad
        scores.grad = None
        return loss, found

    compiles_to_the_same(step)


@pytest.mark.parametrize("target", [lambda: torch.zeros(200, dtype=torch.int64), lambda: torch.arange(200) % 3])
def test_targets_that_are_the_same_in_every_step(target):
    scores = torch.randn(200, 300, requires_grad=True)

    @torch.compile
    def step():
        loss = torch.nn.functional.cross_entropy(scores, target())
        loss.backward()
        found, scores.grad = scores.grad, None
        return loss, found

    plain = step()
    for _ in range(4):
        result = step()
    assert step.report().startswith("compiled")
    for a, b in zip(plain, result):
        torch.testing.assert_close(a, b)


def test_masks_of_large_scores_count_once_each():
    scores = torch.randn(300, 200, requires_grad=True)
    target = torch.randint(0, 200, (300,))

    def step():
        loss = torch.nn.functional.cross_entropy(scores, target, ignore_index=3)
        loss.backward()
        found = scores.grad
        scores.grad = None
        return loss, found

    compiles_to_the_same(step)
