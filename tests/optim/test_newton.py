"""Newton, Gauss–Newton and Levenberg–Marquardt: quadratics in one step, logistic regression, curve fitting, what they refuse."""

import numpy as np
import pytest

import chainrule
from chainrule import optim, tensor

RNG = np.random.default_rng(0)
A = RNG.normal(size=(30, 4))
Y = A @ np.array([1.0, -2.0, 3.0, 0.5]) + RNG.normal(size=30) * 0.1
LEAST_SQUARES = np.linalg.lstsq(A, Y, rcond=None)[0]


def zeros(*shape):
    return chainrule.zeros(*shape, dtype=chainrule.float64, requires_grad=True)


def test_newton_solves_a_quadratic_in_one_step():
    x, y, w = tensor(A), tensor(Y), zeros(4)
    loss = optim.Newton([w]).step(lambda: ((x @ w - y) ** 2).mean())
    assert loss.item() == pytest.approx((Y**2).mean())
    np.testing.assert_allclose(w.detach().numpy(), LEAST_SQUARES, rtol=1e-8)


def test_newton_over_several_parameters():
    x, y = tensor(A), tensor(Y)
    model = chainrule.nn.Linear(4, 1).double()
    optim.Newton(model.parameters()).step(lambda: ((model(x)[:, 0] - y) ** 2).mean())
    exact = np.linalg.lstsq(np.column_stack([A, np.ones(30)]), Y, rcond=None)[0]
    np.testing.assert_allclose(model.weight.detach().numpy()[0], exact[:4], rtol=1e-7)
    np.testing.assert_allclose(model.bias.item(), exact[4], rtol=1e-6)


def test_newton_on_logistic_regression_converges_quadratically():
    """The distance to the optimum is squared at every step: a handful of steps reach the last digit."""
    labels = tensor((Y + RNG.normal(size=30) > 0).astype(float))
    x, w = tensor(A), zeros(4)
    optimizer = optim.Newton([w])
    sizes = []

    def loss():
        return chainrule.nn.functional.binary_cross_entropy_with_logits(x @ w, labels) + 0.01 * (w * w).sum()

    for _ in range(8):
        optimizer.step(loss)
        (slope,) = chainrule.autograd.grad(loss(), w)
        sizes.append(slope.norm().item())
    assert sizes[-1] < 1e-14
    assert all(after < 10 * before**2 or after < 1e-14 for before, after in zip(sizes[2:], sizes[3:]))


def test_newton_descends_where_the_loss_curves_downwards():
    """At w = 0.1 the curvature of cos is negative: the plain Newton step would climb to the top."""
    w = tensor([0.1], dtype=chainrule.float64, requires_grad=True)
    optimizer = optim.Newton([w])
    values = [optimizer.step(lambda: w.cos().sum()).item() for _ in range(12)]
    assert values == sorted(values, reverse=True) and w.item() == pytest.approx(np.pi)


def test_newton_halves_a_step_that_would_climb():
    w = tensor([3.0], dtype=chainrule.float64, requires_grad=True)  # beyond 1.39 plain Newton diverges on √(1 + w²)
    optimizer = optim.Newton([w])
    for _ in range(10):
        optimizer.step(lambda: (1 + w * w).sqrt().sum())
    assert abs(w.item()) < 1e-8


def test_newton_damping_and_learning_rate_shorten_the_step():
    def after(**how):
        w = tensor([1.0], dtype=chainrule.float64, requires_grad=True)
        optim.Newton([w], **how).step(lambda: (w**2).sum())
        return w.item()

    assert after() == pytest.approx(0.0, abs=1e-15)
    assert after(lr=0.5) == pytest.approx(0.5)
    assert after(damping=2.0) == pytest.approx(1 - 2 / (2 + 2))


def test_newton_leaves_alone_what_the_loss_does_not_depend_on():
    w, unused = zeros(2), tensor([7.0], requires_grad=True)
    linear = zeros(1)
    optim.Newton([unused, w, linear]).step(lambda: ((w - 1) ** 2).sum() + 0 * linear.sum())
    assert w.tolist() == [1.0, 1.0] and unused.item() == 7.0 and linear.item() == 0.0


def test_newton_in_single_precision():
    x, y = tensor(A.astype(np.float32)), tensor(Y.astype(np.float32))
    w = chainrule.zeros(4, requires_grad=True)
    optim.Newton([w]).step(lambda: ((x @ w - y) ** 2).mean())
    np.testing.assert_allclose(w.detach().numpy(), LEAST_SQUARES, rtol=1e-3)
    assert w.dtype is chainrule.float32


@pytest.mark.parametrize("rows", [3, 30])
def test_gauss_newton_solves_linear_least_squares_in_one_step(rows):
    """With fewer residuals than parameters the Jacobian is taken by rows, otherwise by columns."""
    x, y, w = tensor(A[:rows]), tensor(Y[:rows]), zeros(4)
    loss = optim.GaussNewton([w]).step(lambda: x @ w - y)
    assert loss.item() == pytest.approx(0.5 * (Y[:rows] ** 2).sum())
    np.testing.assert_allclose(w.detach().numpy(), np.linalg.lstsq(A[:rows], Y[:rows], rcond=None)[0], rtol=1e-8)


def test_gauss_newton_fits_a_curve():
    t = chainrule.linspace(0, 2, 40, dtype=chainrule.float64)
    y = 2.0 * chainrule.exp(-1.3 * t) + 0.5
    a, b, c = (tensor(v, dtype=chainrule.float64, requires_grad=True) for v in (1.0, 1.0, 0.0))
    optimizer = optim.GaussNewton([a, b, c])
    for _ in range(12):
        optimizer.step(lambda: a * chainrule.exp(-b * t) + c - y)
    np.testing.assert_allclose([a.item(), b.item(), c.item()], [2.0, 1.3, 0.5], rtol=1e-8)


def test_levenberg_marquardt_from_far_away():
    """Where Gauss–Newton would overshoot, the damping rises until the step helps, and falls as the solution nears."""
    t = chainrule.linspace(0, 4, 50, dtype=chainrule.float64)
    y = chainrule.sin(1.7 * t)
    w = tensor(1.1, dtype=chainrule.float64, requires_grad=True)
    optimizer = optim.LevenbergMarquardt([w])
    losses = [optimizer.step(lambda: chainrule.sin(w * t) - y).item() for _ in range(20)]
    assert losses == sorted(losses, reverse=True)
    assert w.item() == pytest.approx(1.7) and optimizer.param_groups[0]["damping"] < 1e-3


def test_levenberg_marquardt_on_rosenbrock():
    p = tensor([-1.2, 1.0], dtype=chainrule.float64, requires_grad=True)
    optimizer = optim.LevenbergMarquardt([p])
    for _ in range(40):
        optimizer.step(lambda: chainrule.stack([1 - p[0], 10 * (p[1] - p[0] ** 2)]))
    np.testing.assert_allclose(p.detach().numpy(), [1.0, 1.0], rtol=1e-8)


def test_levenberg_marquardt_gives_up_where_nothing_helps():
    w = zeros(1)
    optimizer = optim.LevenbergMarquardt([w], max_tries=3)
    optimizer.step(lambda: w * 0 + 1.0)
    assert w.item() == 0.0


def test_steps_count_as_writes():
    w = zeros(1)
    y = w**2
    optim.Newton([w]).step(lambda: ((w - 1) ** 2).sum())
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.backward()


@pytest.mark.parametrize("name", ["Newton", "GaussNewton", "LevenbergMarquardt"])
def test_what_they_refuse(name):
    w = zeros(1)
    optimizer = getattr(optim, name)([w])
    with pytest.raises(TypeError, match=f"{name}.step\\(\\) needs a closure that returns the (loss|residuals)"):
        optimizer.step()
    with pytest.raises(RuntimeError, match=f"the closure given to {name}.step\\(\\) must return the .* with its history\n.*returned Tensor without"):
        optimizer.step(lambda: (w * 2).detach())
    with pytest.raises(RuntimeError, match="it returned float"):
        optimizer.step(lambda: 3.0)
    with pytest.raises(ValueError, match="takes a single parameter group"):
        getattr(optim, name)([{"params": [zeros(1)]}, {"params": [zeros(1)]}])
    with pytest.raises(ValueError, match="Invalid damping: -1"):
        getattr(optim, name)([w], damping=-1)


def test_newton_says_that_backward_was_called():
    w = zeros(2)

    def closure():
        loss = ((w - 1) ** 2).sum()
        loss.backward()
        return loss

    with pytest.raises(RuntimeError, match="Newton needs the graph of the loss, and it has been freed\n  why: the closure called backward"):
        optim.Newton([w]).step(closure)


def test_the_factor_of_levenberg_marquardt():
    with pytest.raises(ValueError, match="Invalid factor: 1"):
        optim.LevenbergMarquardt([zeros(1)], factor=1)
