"""The largest stable rate: exact where the Hessian is known; below it training settles, above it does not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chainrule as cr
from chainrule.train import fit
from chainrule.train.errors import Diverged
from chainrule.train.session import Session
from chainrule.train.stability import largest_curvature, largest_eigenvalue, largest_stable_rate


@given(seed=st.integers(0, 1000), size=st.integers(1, 30))
def test_largest_eigenvalue(seed, size):
    a = np.random.RandomState(seed).normal(size=(size, size))
    symmetric = (a + a.T) / 2
    found = largest_eigenvalue(lambda v: symmetric @ v, size)
    assert found == pytest.approx(np.linalg.eigvalsh(symmetric)[-1], rel=1e-6, abs=1e-6)


def test_curvature_of_a_linear_model_is_that_of_its_data():
    """L = mean (X w − y)² has H = 2 Xᵀ X / N."""
    x = np.random.RandomState(0).normal(size=(50, 4)).astype(np.float32)
    model = cr.nn.Linear(4, 1, bias=False)
    loss = cr.nn.MSELoss()(model(cr.from_numpy(x)), cr.zeros(50, 1))
    assert largest_curvature(model, loss) == pytest.approx(np.linalg.eigvalsh(2 * x.T @ x / 50)[-1], rel=1e-4)


def test_curvature_of_a_deep_model_is_the_hessians():
    """Against finite differences of the gradient."""
    cr.manual_seed(0)
    model = cr.nn.Sequential(cr.nn.Linear(2, 3), cr.nn.Tanh(), cr.nn.Linear(3, 1)).double()
    x, y = cr.randn(20, 2).double(), cr.randn(20, 1).double()
    parameters = list(model.parameters())

    def gradient():
        loss = cr.nn.MSELoss()(model(x), y)
        return np.concatenate([g.numpy().reshape(-1) for g in cr.autograd.grad(loss, parameters)])

    rows, step = [], 1e-5
    for parameter in parameters:
        flat = parameter.detach().numpy().reshape(-1)  # shares the parameter's memory
        for index in range(flat.size):
            value = flat[index]
            flat[index] = value + step
            above = gradient()
            flat[index] = value - step
            below = gradient()
            flat[index] = value
            rows.append((above - below) / (2 * step))
    expected = np.linalg.eigvalsh(np.array(rows))[-1]
    assert largest_curvature(model, cr.nn.MSELoss()(model(x), y)) == pytest.approx(expected, rel=1e-5)


X = np.random.RandomState(1).normal(size=(60, 3)) @ np.diag([1.0, 3.0, 0.2]) + 2.0
Y = X @ [1.0, -2.0, 0.5] + 3.0


def session(optimizer, lr, **options):
    settings = {"task": None, "epochs": 300, "batch_size": 60, "seed": 0, "test_size": 0.0, "scale": False, **options}
    return Session(
        "linear", (X, Y), None, optimizer=optimizer, lr=lr, drop=(), category=(), out=None, overwrite=False, **settings
    )


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
def test_below_the_bound_training_settles_and_above_it_does_not(optimizer):
    ready = session(optimizer, 1.0)
    bound = largest_stable_rate(ready.trainer, ready.start).rate

    settled = session(optimizer, 0.97 * bound).train()
    assert settled.history[-1].loss < 0.1 * settled.history[0].loss
    try:
        above = session(optimizer, 1.03 * bound).train()
        assert above.history[-1].loss > above.history[0].loss
    except Diverged:
        pass


def test_the_bound_is_the_closed_form():
    ready = session("sgd", 1.0)
    with_ones = np.hstack([X, np.ones((60, 1))])
    expected = 2 / np.linalg.eigvalsh(2 * with_ones.T @ with_ones / 60)[-1]
    assert largest_stable_rate(ready.trainer, ready.start).rate == pytest.approx(expected, rel=1e-4)


def test_asking_changes_nothing():
    ready = session("momentum", 0.01)
    before = [value.copy() for value in ready.start.weights.values()]
    largest_stable_rate(ready.trainer, ready.start)
    for value, parameter in zip(before, ready.trainer.model.parameters(), strict=True):
        np.testing.assert_array_equal(value, parameter.detach().numpy())
    assert ready.trainer.optimizer.param_groups[0]["lr"] == 0.01


def test_the_advice_works():
    """The rate that the error suggests trains."""
    with pytest.raises(Diverged) as caught:
        fit("linear", (X, Y), optimizer="sgd", lr=50.0)
    advised = float(str(caught.value).split("instead: lr=")[1].split(" ")[0])
    run = fit("linear", (X, Y), optimizer="sgd", lr=advised)
    assert run.metrics["RMSE"] < 0.1 * run.baseline["RMSE"]


def test_methods_without_a_bound_are_tried():
    ready = session("adam", 1e20)
    found = largest_stable_rate(ready.trainer, ready.start)
    assert found.rate < 1e19
    assert found.reason == "of 1e+20 / 10, / 100, … it is the first that lowers the loss"
    run = session("adam", found.rate).train()
    assert run.history[-1].loss < run.history[0].loss
