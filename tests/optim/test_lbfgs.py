"""L-BFGS beside PyTorch on Rosenbrock's valley, on a regression, and its stopping rules."""

import numpy as np
import pytest

import chainrule
from chainrule.optim.line_search import Point, cubic_minimum, strong_wolfe


def valley(lib, steps, dtype="float64", **how):
    """(1 − x)² + 100 (y − x²)²: losses and points of every evaluation, and the optimizer."""
    p = lib.tensor([-1.5, 2.0], dtype=getattr(lib, dtype), requires_grad=True)
    optimizer = lib.optim.LBFGS([p], **how)
    seen = []

    def closure():
        optimizer.zero_grad()
        loss = (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2
        loss.backward()
        seen.append([loss.item(), *p.tolist()])
        return loss

    firsts = [optimizer.step(closure).item() for _ in range(steps)]
    return seen, firsts, optimizer, p


SETTINGS = [
    {"line_search_fn": "strong_wolfe"}, {"line_search_fn": "strong_wolfe", "max_iter": 4, "history_size": 2},
    {"line_search_fn": "strong_wolfe", "max_eval": 6}, {"lr": 1e-3, "max_iter": 5}, {"lr": 1e-3, "max_iter": 30, "history_size": 3},
    {"lr": 0.5, "line_search_fn": "strong_wolfe", "tolerance_change": 1e-3}, {"lr": 1e-3, "tolerance_grad": 1e3},
]  # fmt: skip


@pytest.mark.parametrize("how", SETTINGS, ids=str)
def test_every_evaluation_like_torch(how):
    torch = pytest.importorskip("torch")
    ours, theirs = (valley(lib, 3, **how) for lib in (chainrule, torch))
    assert len(ours[0]) == len(theirs[0])
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-6, atol=1e-9)
    mine, yours = ours[2].state_dict()["state"][0], theirs[2].state_dict()["state"][0]
    assert mine["func_evals"] == yours["func_evals"] and mine["n_iter"] == yours["n_iter"]
    assert len(mine.get("old_dirs", [])) == len(yours.get("old_dirs", []))
    assert repr(ours[2]) == repr(theirs[2])


def test_it_finds_the_bottom():
    for dtype, off in (("float64", 1e-5), ("float32", 1e-3)):
        *_, p = valley(chainrule, 8, dtype, line_search_fn="strong_wolfe")
        assert abs(p[0].item() - 1) < off and abs(p[1].item() - 1) < 2 * off


def test_several_parameters_some_without_a_gradient():
    torch = pytest.importorskip("torch")

    def run(lib):
        rng = np.random.default_rng(0)
        x, y = lib.tensor(rng.normal(size=(20, 3))), lib.tensor(rng.normal(size=20))
        w, b = lib.zeros(3, dtype=lib.float64, requires_grad=True), lib.zeros((), dtype=lib.float64, requires_grad=True)
        unused = lib.ones(2, dtype=lib.float64, requires_grad=True)
        optimizer = lib.optim.LBFGS([w, unused, b], line_search_fn="strong_wolfe")

        def closure():
            optimizer.zero_grad()
            loss = ((x @ w + b - y) ** 2).mean()
            loss.backward()
            return loss

        for _ in range(2):
            optimizer.step(closure)
        assert unused.tolist() == [1.0, 1.0]
        return [*w.tolist(), b.item()]

    ours = run(chainrule)
    np.testing.assert_allclose(ours, run(torch), rtol=1e-7)
    rng = np.random.default_rng(0)
    a, y = rng.normal(size=(20, 3)), rng.normal(size=20)
    exact = np.linalg.lstsq(np.column_stack([a, np.ones(20)]), y, rcond=None)[0]
    np.testing.assert_allclose(ours, exact, rtol=1e-5)


def test_state_can_be_saved():
    _, _, optimizer, p = valley(chainrule, 1, line_search_fn="strong_wolfe", max_iter=5)
    state = optimizer.state_dict()
    q = p.detach().clone().requires_grad_()
    other = chainrule.optim.LBFGS([q], line_search_fn="strong_wolfe", max_iter=5)
    other.load_state_dict(state)
    assert other.state[q]["n_iter"] == optimizer.state[p]["n_iter"] > 1

    def closure(parameter, optimizer):
        optimizer.zero_grad()
        loss = (1 - parameter[0]) ** 2 + 100 * (parameter[1] - parameter[0] ** 2) ** 2
        loss.backward()
        return loss

    optimizer.step(lambda: closure(p, optimizer))
    other.step(lambda: closure(q, other))
    assert p.tolist() == q.tolist()


def test_it_needs_a_closure():
    optimizer = chainrule.optim.LBFGS([chainrule.ones(1, requires_grad=True)])
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'closure'"):
        optimizer.step()
    with pytest.raises(RuntimeError, match="only 'strong_wolfe' is supported"):
        chainrule.optim.LBFGS([chainrule.ones(1, requires_grad=True)], line_search_fn="armijo").step(lambda: None)


def test_the_cubic_has_its_minimum_where_that_of_a_cubic_is():
    """t³ − 3t has its minimum at 1, whatever two points it is seen from."""

    def point(t):
        return Point(t, t**3 - 3 * t, np.zeros(1), 3 * t * t - 3)

    assert cubic_minimum(point(0.0), point(2.0)) == pytest.approx(1.0)
    assert cubic_minimum(point(1.5), point(0.5)) == pytest.approx(1.0)
    assert cubic_minimum(point(0.0), point(2.0), 1.5, 3.0) == 1.5  # kept between bounds


@pytest.mark.parametrize("first", [1e-3, 0.1, 1.0, 30.0])
def test_a_step_that_satisfies_both_conditions(first):
    """f(t) = (t − 2)² + sin 3t / 2, from t = 0 downhill."""

    def at(t):
        return (t - 2) ** 2 + np.sin(3 * t) / 2, np.array([2 * (t - 2) + 1.5 * np.cos(3 * t)])

    f0, g0 = at(0.0)
    loss, gradient, t, evaluations = strong_wolfe(at, first, np.array([1.0]), f0, g0, float(g0[0]))
    assert loss == at(t)[0] and gradient[0] == at(t)[1][0] and 0 < evaluations <= 25
    assert loss <= f0 + 1e-4 * t * g0[0] and abs(gradient[0]) <= 0.9 * abs(g0[0])
