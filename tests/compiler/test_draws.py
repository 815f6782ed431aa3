"""Steps that draw random numbers draw those of eager steps, and leave the generators where they leave them."""

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.native import kernels
from chainrule.nn import functional as F
from chainrule.utils.data import DataLoader, TensorDataset

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")


def drawing(function, *shape, dtype=torch.float32):
    """A step that descends on a function of a parameter and of what it draws."""

    def build():
        w = torch.randn(*shape, dtype=dtype, requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=0.1)

        def step():
            optimizer.zero_grad()
            loss = (function(w) ** 2).mean()
            loss.backward()
            optimizer.step()
            return loss

        return step

    return build


def trained(make, *shape):
    """A step that trains a module."""

    def build():
        model, x = make(), torch.randn(*shape)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

        def step():
            optimizer.zero_grad()
            loss = (model(x) - 1).square().mean()
            loss.backward()
            optimizer.step()
            return loss

        return step

    return build


def texts():
    torch.manual_seed(0)
    embedding, x, y = nn.Embedding(30, 8), torch.randint(0, 30, (6, 5)), torch.randint(0, 3, (6,))
    head = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Dropout(0.4), nn.Linear(8, 3))
    optimizer = torch.optim.Adam([*embedding.parameters(), *head.parameters()], lr=0.01)

    def step():
        optimizer.zero_grad()
        loss = F.cross_entropy(head(embedding(x).mean(1)), y)
        loss.backward()
        optimizer.step()
        return loss

    return step


def rows_at_random():
    x, y = torch.randn(40, 3), torch.randn(40)
    w = torch.zeros(3, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)

    def step():
        rows = torch.randperm(40)[:8]
        optimizer.zero_grad()
        loss = ((x[rows] @ w - y[rows]) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss

    return step


def noise_in_place():
    w, noise = torch.randn(5, 4, requires_grad=True), torch.zeros(5, 4)

    def step():
        w.grad = None
        noise.normal_(0.0, 0.5)
        loss = ((w + noise) ** 2).sum()
        loss.backward()
        with torch.no_grad():
            w.sub_(0.01 * w.grad)
        return loss

    return step


def own_generator():
    g = torch.Generator().manual_seed(7)
    step = drawing(lambda w: w + torch.rand(4, 5, generator=g) + torch.rand(4, 5), 4, 5)()
    step.generator = g
    return step


WHOLE = {
    "dropout": drawing(lambda w: F.dropout(w, 0.3), 4, 5),
    "dropout in float64": drawing(lambda w: F.dropout(w, 0.3), 4, 5, dtype=torch.float64),
    "dropout of all": drawing(lambda w: F.dropout(w, 1.0) + w, 4, 5),
    "large dropout": drawing(lambda w: F.dropout(F.dropout(w), 0.1), 90, 120),
    "dropout of what is transposed": drawing(lambda w: F.dropout(w.T), 4, 5),
    "dropout2d": drawing(lambda w: F.dropout2d(w), 2, 3, 4, 4),
    "alpha dropout": drawing(lambda w: F.alpha_dropout(w, 0.2, True), 4, 5),
    "rand": drawing(lambda w: w + torch.rand(4, 5), 4, 5),
    "rand in float64": drawing(lambda w: w + torch.rand_like(w), 4, 5, dtype=torch.float64),
    "large rand": drawing(lambda w: w + torch.rand_like(w), 100, 101),
    "uniform in another range": drawing(lambda w: w + torch.empty(4, 5).uniform_(-1, 2), 4, 5),
    "randn": drawing(lambda w: w * torch.randn(4, 5), 4, 5),
    "few randn": drawing(lambda w: w * torch.randn(3), 3),
    "randn and dropout": drawing(lambda w: F.dropout(w * torch.randn(4, 5)), 4, 5),
    "randint": drawing(lambda w: w[torch.randint(0, 9, (4,))], 9, 3),
    "bernoulli of a number": drawing(lambda w: w * torch.empty(4, 5).bernoulli_(0.3), 4, 5),
    "exponential": drawing(lambda w: w + torch.empty(4, 5).exponential_(2.0), 4, 5),
    "normal in place": noise_in_place,
    "rows at random": rows_at_random,
    "two generators": own_generator,
    "text classifier": texts,
    "transformer": trained(lambda: nn.TransformerEncoderLayer(8, 2, 16, dropout=0.2, batch_first=True), 3, 5, 8),
    "batch norm and dropout": trained(lambda: nn.Sequential(nn.Linear(3, 6), nn.BatchNorm1d(6), nn.Dropout(), nn.Linear(6, 1)), 7, 3),
}  # fmt: skip

IN_TURN = {
    "bernoulli of what was computed": drawing(lambda w: w * torch.bernoulli(torch.sigmoid(w.detach())), 4, 5),
    "and more draws around it": drawing(lambda w: F.dropout(w * torch.bernoulli(torch.sigmoid((w + torch.rand(5)).detach()))), 4, 5),
    "multinomial": drawing(lambda w: w[torch.multinomial(w.detach().exp(), 2)], 6),
}  # fmt: skip


def both_ways(build, steps=24):
    """Losses step by step, as ever and compiled; the compiled step."""
    torch.manual_seed(0)
    step = build()
    expected = [step().item() for _ in range(steps)]
    after = torch.get_rng_state(), step.generator.get_state() if hasattr(step, "generator") else None
    torch.manual_seed(0)
    function = build()
    step = torch.compile(function)
    found = [step().item() for _ in range(5)] + step.repeat(steps - 5).tolist()
    assert step.compiled, step.report()
    np.testing.assert_allclose(found, expected, rtol=2e-4)
    assert torch.equal(torch.get_rng_state(), after[0])
    if after[1] is not None:
        assert torch.equal(function.generator.get_state(), after[1])
    return step


@pytest.mark.parametrize("case", WHOLE)
def test_many_steps_are_one_call(case):
    step = both_ways(WHOLE[case])
    assert step.latest.native(), step.report()


@pytest.mark.parametrize("case", IN_TURN)
def test_draws_that_depend_on_what_was_computed(case):
    step = both_ways(IN_TURN[case])
    assert not step.latest.native()


def test_reports_and_differences_draw_nothing():
    step = both_ways(WHOLE["dropout"])
    before = torch.get_rng_state()
    step.report()
    assert step.difference().ulps < 100
    assert torch.equal(torch.get_rng_state(), before)


def test_epochs_draw_masks_between_the_orders():
    def build():
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(3, 5), nn.Dropout(0.3), nn.Linear(5, 1))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

        def step(x, y):
            optimizer.zero_grad()
            loss = F.mse_loss(model(x), y)
            loss.backward()
            optimizer.step()
            return loss

        return step, TensorDataset(torch.randn(23, 3), torch.randn(23, 1))

    for generator in (None, torch.default_generator):
        step, rows = build()
        loader = DataLoader(rows, batch_size=5, shuffle=True, generator=generator)
        expected = [[step(*batch).item() for batch in loader] for _ in range(6)]
        after = torch.get_rng_state()
        step, rows = build()
        loader = DataLoader(rows, batch_size=5, shuffle=True, generator=generator)
        found = torch.compile(step).epochs(6, loader)
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-4)
        assert torch.equal(torch.get_rng_state(), after)


def test_a_share_that_was_changed_is_used():
    torch.manual_seed(0)
    drop, x = nn.Dropout(0.5), torch.ones(1000)
    step = torch.compile(lambda: drop(x).sum())
    for _ in range(4):
        step()
    assert step.compiled
    drop.p = 0.0
    assert step().item() == 1000.0
    drop.p = 1.0
    assert step().item() == 0.0
    drop.p = 0.5
    drop.eval()
    assert step().item() == 1000.0


def test_a_step_that_seeds_runs_as_ever():
    def function():
        torch.manual_seed(3)
        return torch.rand(3).sum()

    step = torch.compile(function)
    assert len({step().item() for _ in range(6)}) == 1
    assert "seeds a random generator" in step.report()


def test_a_sweep_of_steps_that_draw():
    def make(lr):
        torch.manual_seed(0)
        w = torch.ones(4, requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=lr)

        def step():
            optimizer.zero_grad()
            loss = (F.dropout(w, 0.2) ** 2).sum()
            loss.backward()
            optimizer.step()
            return loss

        return step

    found = torch.sweep(make, 20, lr=[0.01, 0.1])
    assert not found.together
    assert np.isfinite(found.losses.numpy()).all()
