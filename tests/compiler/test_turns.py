"""Loops over a loader that are a step and bookkeeping take all their steps at once, and give what they give as they stand."""

import ast
import inspect
import textwrap

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.compiler.loops import turned
from chainrule.native import kernels
from chainrule.utils.data import DataLoader, TensorDataset

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")


def sums(model, optimizer, criterion, loader):
    losses, total = [], 0.0
    for _ in range(5):
        total = 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
        losses.append(total / len(loader.dataset))
    return losses, loss.item()


def numbered(model, optimizer, criterion, loader):
    device, losses, kept = torch.device("cpu"), [], []
    for epoch in range(5):
        model.train()
        for i, (x, y) in enumerate(loader):
            x, y = x.to(device), y.to(device)
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            if i % 2 == 0:
                kept.append((epoch, i, x.size(0), x.shape[0], float(loss)))
        model.eval()
        with torch.no_grad():
            for x, y in loader:
                losses.append(criterion(model(x), y).item())
    return losses, kept


def reshaped(model, optimizer, criterion, loader):
    losses = []
    for _ in range(5):
        for x, y in loader:
            x = x.view(-1, 4)
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses, list(x.shape), x.sum().item()


def nothing_kept(model, optimizer, criterion, loader):
    for _ in range(5):
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
    return loss.item(), y.sum().item()


def whole_batch(model, optimizer, criterion, loader):
    losses = []
    for _ in range(5):
        for batch in loader:
            optimizer.zero_grad()
            loss = criterion(model(batch[0]), batch[1])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


def converted(model, optimizer, criterion, loader):
    losses = []
    for _ in range(5):
        for x, y in loader:
            x = x.float()
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


AT_ONCE = [sums, numbered, reshaped, nothing_kept, whole_batch, converted]


def looks_at_the_model(model, optimizer, criterion, loader):
    norms = []
    for _ in range(5):
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            norms.append(model[0].weight.norm().item())
    return norms


def stops(model, optimizer, criterion, loader):
    losses = []
    for _ in range(5):
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            if len(losses) == 12:
                break
    return losses, model[0].weight.sum().item()


def schedules(model, optimizer, criterion, loader):
    losses, scheduler = [], torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    for _ in range(5):
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            scheduler.step()
    return losses


def sums_of_tensors(model, optimizer, criterion, loader):
    total = torch.zeros(())
    for _ in range(5):
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total = total + loss.detach()
    return total.item()


def noisy(model, optimizer, criterion, loader):
    losses = []
    for _ in range(5):
        for x, y in loader:
            x = torch.randn(8, 4)
            optimizer.zero_grad()
            loss = criterion(model(x)[: len(y)], y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


ONE_BY_ONE = [looks_at_the_model, stops, schedules, sums_of_tensors, noisy]


def things(**options):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 6), nn.Dropout(0.2), nn.Tanh(), nn.Linear(6, 1))
    loader = DataLoader(TensorDataset(torch.randn(30, 4), torch.randn(30, 1)), batch_size=8, shuffle=True, **options)
    return model, torch.optim.Adam(model.parameters(), lr=0.02), nn.MSELoss(), loader


def flat(x):
    return [n for y in x for n in flat(y)] if isinstance(x, (list, tuple)) else [float(x)]


def both(program, **options):
    expected = program(*things(**options))
    after = torch.get_rng_state()
    compiled = torch.compile_loops(program)
    found = compiled(*things(**options))
    np.testing.assert_allclose(flat(found), flat(expected), rtol=1e-3, atol=1e-6)
    assert torch.equal(torch.get_rng_state(), after)
    return compiled


def source_of(program):
    tree = ast.parse(textwrap.dedent(inspect.getsource(program)))
    turned(tree, __file__, {})
    return ast.unparse(tree)


@pytest.mark.parametrize("program", AT_ONCE, ids=lambda f: f.__name__)
def test_all_steps_at_once(program):
    assert ".turns(" in source_of(program)
    compiled = both(program)
    assert compiled.loops.report().endswith(": compiled")


@pytest.mark.parametrize("program", ONE_BY_ONE, ids=lambda f: f.__name__)
def test_steps_that_are_looked_at_are_taken_one_by_one(program):
    assert ".turns(" not in source_of(program)
    both(program)


def test_rows_that_are_computed_before_the_step():
    def wide():
        model, optimizer, criterion, loader = things()
        return model, optimizer, criterion, DataLoader(TensorDataset(loader.dataset.tensors[0].double(), loader.dataset.tensors[1]), 8)

    expected = converted(*wide())
    np.testing.assert_allclose(torch.compile_loops(converted)(*wide()), expected, rtol=1e-3)


def test_a_loader_of_python():
    compiled = both(sums, collate_fn=lambda items: (torch.stack([x for x, _ in items]), torch.stack([y for _, y in items])))
    assert "compiled; Python hands over the batches, because its collate_fn is Python's" in compiled.loops.report()


def test_most_steps_are_machine_codes(monkeypatch):
    from chainrule.compiler.step import Step

    taken, one = [], Step.taken
    monkeypatch.setattr(Step, "taken", lambda self, *given: taken.append(0) or one(self, *given))
    torch.compile_loops(sums)(*things())
    assert len(taken) < 10  # of 20


@pytest.mark.parametrize("rows, message", [(1, "not enough values to unpack"), (3, "too many values to unpack")])
def test_batches_of_another_length(rows, message):
    model, optimizer, criterion, _ = things()
    loader = DataLoader(TensorDataset(*[torch.randn(6, 4)] * rows), batch_size=3)
    with pytest.raises(ValueError, match=message):
        torch.compile_loops(sums)(model, optimizer, criterion, loader)
