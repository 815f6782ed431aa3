"""Jacobians and Hessians within compiled functions: all rows in one pass of machine code, with eager's results."""

import re

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.autograd import functional
from chainrule.native import kernels
from chainrule.nn import functional as F

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")

torch.manual_seed(0)
X, V, W, B, T = torch.randn(6, 4), torch.randn(6), torch.randn(4, 5), torch.randn(5), torch.randint(0, 5, (6,))
NET = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 2))
OWN = {name: p.detach() for name, p in NET.named_parameters()}


def output(p):
    return torch.func.functional_call(NET, p, (X,))


CASES = {
    "Hessian": lambda: torch.func.hessian(lambda w: torch.tanh(X @ w + B).pow(2).mean())(W),
    "Hessian for two tensors": lambda: functional.hessian(lambda w, b: torch.sigmoid(X @ w + b).sum(), (W, B)),
    "Hessian of a network": lambda: torch.func.hessian(lambda p: output(p).pow(2).mean())(OWN),
    "Hessian of a cross-entropy": lambda: torch.func.hessian(lambda w: F.cross_entropy(X @ w, T))(W),
    "Jacobian of a network": lambda: torch.func.jacrev(output)(OWN),
    "Jacobian forward": lambda: torch.func.jacfwd(lambda x: x.sin() * x.exp())(V),
    "softmax": lambda: functional.jacobian(lambda x: torch.softmax(x, 1), X),
    "parts": lambda: functional.jacobian(lambda x: torch.cat([x[:, 1:3] * x[:, :2], x.relu()], 1), X),
    "stacks of matrices": lambda: functional.jacobian(lambda x: torch.bmm(x.view(2, 3, 4), x.view(2, 4, 3)), X),
    "a matrix and a vector": lambda: functional.jacobian(lambda x: (X.T @ x) / x.norm(), V),
    "standardised": lambda: functional.jacobian(lambda x: (x - x.mean()) / x.std(), V),
    "Jacobian of a Jacobian": lambda: torch.func.jacrev(torch.func.jacrev(lambda x: x.sin() * x.sum()))(V),
    "vmap of Jacobians": lambda: torch.vmap(torch.func.jacrev(lambda x: x.sin() * x.sum()))(X),
}


def leaves(found):
    if isinstance(found, dict):
        found = list(found.values())
    return [a for part in found for a in leaves(part)] if isinstance(found, (list, tuple)) else [found.numpy()]


@pytest.mark.parametrize("name", CASES)
def test_compiled_as_eager(name):
    step = torch.compile(CASES[name])
    eager = leaves(CASES[name]())
    for _ in range(3):
        found = step()
    assert step.compiled, step.report()
    for a, b in zip(leaves(found), eager, strict=True):
        assert a.shape == b.shape and a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6 * max(np.abs(b).max(), 1))


def test_it_goes_by_the_entries_of_now():
    w = torch.randn(4, 5)
    step = torch.compile(lambda: torch.func.hessian(lambda a: torch.tanh(X @ a).pow(2).mean())(w))
    for _ in range(3):
        before = step()
    w.mul_(0.5)
    after = step()
    assert step.compiled
    np.testing.assert_allclose(after.numpy(), step.function().numpy(), rtol=1e-5, atol=1e-6)
    assert not np.allclose(after.numpy(), before.numpy())


@pytest.mark.parametrize("change", [lambda t: t.copy_((t + 1) % 5), lambda t: t[2:].fill_(-100)])
def test_other_classes_later(change):
    """Also where some are ignored from then on: that is not what was compiled."""
    t, w = T.clone(), W.clone().requires_grad_()

    def step():
        (slope,) = torch.autograd.grad(F.cross_entropy(X @ w, t), w, create_graph=True)
        (found,) = torch.autograd.grad((slope**2).sum(), w)
        return found

    compiled = torch.compile(step)
    for _ in range(3):
        compiled()
    assert compiled.compiled, compiled.report()
    change(t)
    np.testing.assert_allclose(compiled().numpy(), step().numpy(), rtol=1e-5, atol=1e-6)


def test_one_program_of_machine_code():
    """Nothing of Python's runs in between, so that many steps of Newton's method are one call."""
    w = torch.full((3,), 2.0)
    target = torch.tensor([1.0, -1.0, 0.5])

    def loss(w):
        return ((w - target) ** 4).sum()

    @torch.compile
    def step():
        slope, curvature = torch.func.grad(loss)(w), torch.func.hessian(loss)(w)
        w.sub_(slope / curvature.diagonal())
        return loss(w)

    losses = step.repeat(12)
    assert "in between" not in step.report() and step.compiled
    ratios = losses[1:] / losses[:-1]
    np.testing.assert_allclose(ratios[:6].numpy(), (2 / 3) ** 4, rtol=1e-3)  # each step leaves two thirds of the way


def test_rows_given_by_the_program():
    w, g = torch.randn(4, 5).requires_grad_(), torch.randn(7, 4, 5)

    def step():
        (found,) = torch.autograd.grad(w.tanh(), w, g, is_grads_batched=True)
        return found

    compiled = torch.compile(step)
    for _ in range(3):
        compiled()
    g.mul_(2)
    np.testing.assert_allclose(compiled().numpy(), step().numpy(), rtol=1e-5, atol=1e-6)
    assert compiled.compiled


@pytest.mark.parametrize(
    "function, why",
    [
        (lambda x: x.cumsum(0) * x, "can't be read"),
        (lambda x: F.layer_norm(x, (6,)), "the pullback of NativeLayerNorm"),
        (lambda x: x.repeat(720) * 2.0, r"rows of one value take \d+ MB"),
    ],
)
def test_what_cannot_be_read_runs_as_ever_and_says_so(function, why):
    step = torch.compile(lambda: functional.jacobian(function, V))
    for _ in range(3):
        found = step()
    assert not step.compiled
    assert re.search(why, step.report())
    np.testing.assert_allclose(found.numpy(), functional.jacobian(function, V).numpy(), rtol=1e-5)
