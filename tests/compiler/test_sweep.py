"""A sweep is the same as training with each setting by itself."""

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.native import kernels

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")


def line(lr, momentum=0.0):
    w, b = torch.tensor(0.0, requires_grad=True), torch.tensor(0.0, requires_grad=True)
    x = torch.tensor([1.0, 2.0, 3.0, 4.0])
    y = 2 * x + 1
    optimizer = torch.optim.SGD([w, b], lr=lr, momentum=momentum)

    def step():
        optimizer.zero_grad()
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss

    return step


def classifier(model, x, y, optimizer):
    def step():
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    step.model = model
    return step


def network(seed, lr=0.05):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2))
    torch.manual_seed(0)
    x, y = torch.randn(8, 3), torch.randint(0, 2, (8,))
    return classifier(model, x, y, torch.optim.Adam(model.parameters(), lr=lr))


def words(seed, lr=0.05):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Embedding(200, 6), nn.Flatten(), nn.Linear(18, 2))
    torch.manual_seed(0)
    x, y = torch.randint(0, 200, (30, 3)), torch.randint(0, 2, (30,))
    return classifier(model, x, y, torch.optim.SGD(model.parameters(), lr=lr))


@pytest.mark.parametrize(
    ("make", "settings"),
    [
        (words, {"seed": [0, 1], "lr": [0.5, 0.1]}),
        (line, {"lr": [0.01, 0.05, 0.1]}),
        (line, {"lr": [0.01, 0.05], "momentum": [0.5, 0.9]}),
        (network, {"seed": [0, 1, 2], "lr": [0.01, 0.1]}),
    ],
)
def test_as_each_by_itself(make, settings):
    found = torch.sweep(make, 40, **settings)
    assert found.together
    for one, losses in zip(found.settings, found.losses.numpy()):
        step = make(**one)
        np.testing.assert_allclose(losses, [step().item() for _ in range(40)], rtol=2e-3, atol=1e-6)


def test_the_models_are_trained_afterwards():
    found = torch.sweep(network, 30, seed=[3, 4])
    for one, step in zip(found.settings, found.steps):
        other = network(**one)
        for _ in range(30):
            other()
        for p, q in zip(step.model.parameters(), other.model.parameters()):
            np.testing.assert_allclose(p.detach().numpy(), q.detach().numpy(), rtol=2e-3, atol=1e-5)


def test_the_limit_is_two_by_the_largest_eigenvalue():
    x = np.array([1.0, 2.0, 3.0, 4.0])
    hessian = 2 * np.array([[(x * x).mean(), x.mean()], [x.mean(), 1.0]])
    found = torch.sweep(line, 200, lr=[0.05, 0.1, 0.12, 0.13])
    assert found.limit == pytest.approx(2 / np.linalg.eigvalsh(hessian)[-1], rel=1e-3)
    diverged = ~(found.losses.numpy()[:, -1] < found.losses.numpy()[:, 0])
    assert diverged.tolist() == [one["lr"] > found.limit for one in found.settings]
    assert "2/λmax" in str(found)
    assert found.best == {"lr": 0.1}


def test_steps_that_differ_are_taken_one_after_the_other():
    def make(width):
        torch.manual_seed(0)
        w = torch.zeros(width, requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=0.1)

        def step():
            optimizer.zero_grad()
            loss = ((w - 1) ** 2).sum()
            loss.backward()
            optimizer.step()
            return loss

        return step

    found = torch.sweep(make, 20, width=[1, 2, 3])
    assert not found.together
    np.testing.assert_allclose(found.losses.numpy()[:, 1], [0.64, 1.28, 1.92], rtol=1e-5)
    assert found.table()[0]["width"] == 1


@pytest.mark.parametrize(
    ("arguments", "settings", "error", "text"),
    [
        ((line, 10), {}, TypeError, "nothing to sweep over"),
        ((line, 0), {"lr": [0.1]}, ValueError, "number of steps"),
        ((line, 10), {"lr": 0.1}, TypeError, "no list of values"),
        ((lambda lr: None, 10), {"lr": [0.1]}, TypeError, "training step"),
        ((lambda lr: lambda: None, 10), {"lr": [0.1]}, TypeError, "return its loss"),
    ],
)
def test_misuse(arguments, settings, error, text):
    with pytest.raises(error, match=text):
        torch.sweep(*arguments, **settings)
