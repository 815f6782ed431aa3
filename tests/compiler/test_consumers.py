"""Updates that take a gradient's entries as they are made, and what stands in the way."""

import numpy as np
import pytest

import chainrule as torch
from chainrule.native import amx, kernels
from tests.compiler.oracle import parted

pytestmark = pytest.mark.skipif(not (kernels.ready() and amx.allowed()), reason="this processor has no tile registers")

OPTIMIZERS = {
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-3),
    "plain": lambda p: torch.optim.SGD(p, lr=0.1),
}


def training(optimizer="adam", extra=lambda model, loss: None, sizes=(200, 300, 260)):
    torch.manual_seed(0)
    layers = [torch.nn.Linear(*pair) for pair in zip(sizes, sizes[1:])]
    model = torch.nn.Sequential(*[x for layer in layers for x in (layer, torch.nn.Tanh())], torch.nn.Linear(sizes[-1], 3))
    optimizer = OPTIMIZERS[optimizer](model.parameters())
    x, y = torch.randn(100, sizes[0]), torch.randn(100, 3)

    def step():
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        extra(model, loss)
        optimizer.step()
        return loss

    return step, list(model.parameters())


def taken(step):
    """The shapes of the products whose entries a loop takes."""
    batches = step.plan_now("a test").machine.module.schedule.batches
    return [batch[1].shape for batch in batches if batch[0].kind == "product" and len(batch) > 1]


def compiled(function):
    step = torch.compile(function)
    for _ in range(4):
        step()
    assert step.compiled, step.report()
    return step


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_update_takes_the_gradient_and_is_the_same(optimizer):
    (plain, theirs), (function, mine) = training(optimizer), training(optimizer)
    step = compiled(function)
    assert sorted(taken(step)) == [(260, 300), (300, 200)]
    assert parted(step) == []
    step.repeat(5)
    for _ in range(9):
        expected = plain()
    for p, q in zip(mine, theirs):
        torch.testing.assert_close(p, q, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(p.grad, q.grad, rtol=1e-3, atol=1e-6)  # of the last step, as ever
    torch.testing.assert_close(step(), plain(), rtol=1e-4, atol=1e-6)
    assert float(expected) > 0


def test_a_gradient_that_others_read_is_made_first():
    def clipped(model, loss):
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.01)

    (plain, theirs), (function, mine) = training(extra=clipped), training(extra=clipped)
    step = compiled(function)
    assert taken(step) == []
    for _ in range(4):
        plain()
    for p, q in zip(mine, theirs):
        torch.testing.assert_close(p, q, rtol=1e-4, atol=1e-5)


def test_gradients_that_are_added_up_are_made_first():
    torch.manual_seed(0)
    w, x = torch.randn(300, 200, requires_grad=True), torch.randn(100, 200)
    optimizer = torch.optim.SGD([w], lr=0.001)
    w.grad = torch.zeros_like(w)

    def step():
        loss = (x @ w.T).pow(2).mean()
        loss.backward()
        optimizer.step()
        return loss

    assert taken(compiled(step)) == []


def test_a_weight_changes_after_everything_that_reads_it():
    """Two losses, the second of which reads the weight in a product of its own."""
    torch.manual_seed(0)
    start, x, z = torch.randn(300, 200) / 20, torch.randn(100, 200), torch.randn(100, 300)

    def build():
        w = start.clone().requires_grad_()
        optimizer = torch.optim.SGD([w], lr=0.5)

        def step():
            optimizer.zero_grad()
            torch.tanh(x @ w.T).pow(2).mean().backward()
            optimizer.step()
            return (z @ w.detach()).pow(2).mean()

        return step, w

    (plain, theirs), (function, mine) = build(), build()
    step = compiled(function)
    for _ in range(4):
        expected = plain()
    torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(step(), plain(), rtol=1e-4, atol=1e-5)
    assert np.isfinite(float(expected))


def test_loops_show_what_takes_the_entries():
    step = compiled(training()[0])
    text = step.show("loops")
    assert text.count("by the code for large products, which hands its entries to:") == 2
    assert "c, " in text
