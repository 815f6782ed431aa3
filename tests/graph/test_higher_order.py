"""Derivatives of derivatives: what `create_graph` records can itself be differentiated, to any order."""

import numpy as np
import pytest

import chainrule
from chainrule import tensor
from chainrule.autograd import grad
from chainrule.graph.op import Joint


def derivatives(function, x: float, order: int) -> list[float]:
    at = tensor(x, dtype=chainrule.float64, requires_grad=True)
    y, found = function(at), []
    for _ in range(order):
        (y,) = grad(y, at, create_graph=True)
        found.append(y.item())
    return found


def test_polynomial():
    assert derivatives(lambda x: x**4, 3.0, 4) == [108.0, 108.0, 72.0, 24.0]


def test_sine_comes_round():
    found = derivatives(chainrule.sin, 0.7, 8)
    s, c = np.sin(0.7), np.cos(0.7)
    np.testing.assert_allclose(found, [c, -s, -c, s, c, -s, -c, s], rtol=1e-14)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: (x.exp() * x).sum(),
        lambda x: (x / (1 + x * x)).sum(),
        lambda x: x.sigmoid().prod(),
        lambda x: chainrule.nn.functional.log_softmax(x, 0)[1],
        lambda x: (x @ x.reshape(1, -1).t()).sum() * x.norm(),
        lambda x: chainrule.nn.functional.mse_loss(x * x, chainrule.zeros(3, dtype=chainrule.float64)),
        lambda x: chainrule.nn.functional.cross_entropy(x.reshape(1, 3) ** 2, tensor([1])),
        lambda x: chainrule.nn.functional.gelu(x).cumsum(0)[2] ** 2,
    ],
)
def test_third_order_against_differences_of_the_second(function):
    """d/dε of the Hessian's product with a vector, along a direction: order 3 by rule and by difference."""
    rng = np.random.default_rng(0)
    at, u, v, w = (rng.normal(size=3) for _ in range(4))

    def second(point):
        x = tensor(point, requires_grad=True)
        (first,) = grad(function(x), x, create_graph=True)
        (hu,) = grad((first * tensor(u)).sum(), x, create_graph=True)
        return x, (hu * tensor(v)).sum()

    x, y = second(at)
    (third,) = grad(y, x)
    eps = 1e-5
    difference = (second(at + eps * w)[1].item() - second(at - eps * w)[1].item()) / (2 * eps)
    np.testing.assert_allclose(third.numpy() @ w, difference, rtol=1e-6, atol=1e-8)


def test_the_gradient_of_a_gradient_penalty_reaches_the_parameters():
    layer = chainrule.nn.Linear(3, 1).double()
    x = chainrule.ones(2, 3, dtype=chainrule.float64, requires_grad=True)
    (slope,) = grad(layer(x).tanh().sum(), x, create_graph=True)
    penalty = ((slope.norm(dim=1) - 1) ** 2).mean()
    penalty.backward()
    eps, w = 1e-6, layer.weight.detach().clone()

    def at(weight):
        with chainrule.no_grad():
            layer.weight.copy_(weight)
        (slope,) = grad(layer(x).tanh().sum(), x)
        return ((slope.norm(dim=1) - 1) ** 2).mean().item()

    for i in range(3):
        step = chainrule.zeros(1, 3, dtype=chainrule.float64)
        step[0, i] = eps
        np.testing.assert_allclose(layer.weight.grad[0, i].item(), (at(w + step) - at(w - step)) / (2 * eps), rtol=1e-5)


def test_grad_with_create_graph_has_a_history():
    x = tensor(2.0, requires_grad=True)
    (x**3).backward(create_graph=True)
    assert x.grad.requires_grad and x.grad.item() == 12.0
    (x.grad**2).backward()  # 12 + 2 · 12 · 12
    assert x.grad.item() == 300.0


def test_without_create_graph_there_is_none():
    x = tensor(2.0, requires_grad=True)
    (slope,) = grad(x**3, x)
    assert not slope.requires_grad
    with pytest.raises(RuntimeError, match="element 0 of tensors does not require grad"):
        slope.backward()


def test_create_graph_implies_retain_graph():
    x = tensor(2.0, requires_grad=True)
    y = x**3
    grad(y, x, create_graph=True)
    assert grad(y, x)[0].item() == 12.0


def test_through_nodes_with_several_outputs():
    x = tensor([[0.5, 1.5], [2.5, 3.5]], dtype=chainrule.float64, requires_grad=True)

    def unused_output(x):
        a, _ = x.unbind(0)
        return a**3

    def all_outputs(x):
        a, b = x.split(1)
        return a * b * b

    for function in (unused_output, all_outputs):
        assert chainrule.autograd.gradcheck(function, x) and chainrule.autograd.gradgradcheck(function, x)


class Polar(Joint):
    """(r, φ) with x = r cos φ, y = r sin φ"""

    outputs = 2

    def forward(self, x, y):
        r = np.hypot(x, y)
        return (r, np.arctan2(y, x)), (x, y, r)

    def pullback(self, g, kept, needs):
        x, y, r = kept
        along, across = (0 if d is None else d for d in g)
        return along * x / r - across * y / r**2, along * y / r + across * x / r**2

    def formula(self, x, y):
        return (x * x + y * y).sqrt(), chainrule.atan2(y, x)


def test_through_a_joint_op_with_several_outputs():
    at = [tensor([0.5, 1.5], dtype=chainrule.float64, requires_grad=True),
          tensor([1.0, -2.0], dtype=chainrule.float64, requires_grad=True)]  # fmt: skip

    def slopes(function):
        r, angle = function(*at)
        first = grad((r * r * angle).sum(), at, create_graph=True)
        return [d.tolist() for d in grad((first[0] * first[1]).sum(), at)]

    np.testing.assert_allclose(slopes(Polar()), slopes(Polar().formula), rtol=1e-12)
    radius, _ = Polar()(*at)  # the other output is not used
    (first,) = grad(radius.sum(), at[0], create_graph=True)
    np.testing.assert_allclose(first.detach().numpy(), (at[0] / radius).detach().numpy())
    np.testing.assert_allclose(grad(first.sum(), at[1])[0].numpy(), (-at[0] * at[1] / radius**3).detach().numpy())
