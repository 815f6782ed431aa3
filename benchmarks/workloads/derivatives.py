"""Derivatives of derivatives: a penalty on a gradient, and a Hessian."""

from typing import Any

from . import Step, initialise, uniform

SIZES = (4, 8, 1)  # of the MLP whose Hessian is taken: 49 parameters


def penalty(torch: Any) -> tuple[Step, list[Any]]:
    """loss = mean (ŷ − y)² + mean (∂Σŷ/∂x)², MLP 16-64-64-1 with tanh, batch 32, SGD."""
    nn = torch.nn
    model = nn.Sequential(nn.Linear(16, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1))
    initialise(torch, model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x, y = uniform(torch, 32, 16, seed=1).requires_grad_(), uniform(torch, 32, 1, seed=2)

    def step():
        optimizer.zero_grad()
        predicted = model(x)
        (slope,) = torch.autograd.grad(predicted.sum(), x, create_graph=True)
        loss = ((predicted - y) ** 2).mean() + (slope**2).mean()
        loss.backward()
        optimizer.step()
        return loss

    return step, list(model.parameters())


def hessian(torch: Any) -> tuple[Step, list[Any]]:
    """∂²loss/∂θ∂θ of a 4-8-1 MLP with tanh on 16 points; returned is Σ H ∘ W for a given W, so that every entry counts."""
    inputs, hidden, _ = SIZES
    x, y = uniform(torch, 16, inputs, seed=1), uniform(torch, 16, 1, seed=2)
    parameters = uniform(torch, inputs * hidden + 2 * hidden + 1, seed=3)
    weights = uniform(torch, len(parameters), len(parameters), seed=4)

    def loss(flat):
        w1, b1, w2, b2 = torch.split(flat, [inputs * hidden, hidden, hidden, 1])
        h = torch.tanh(x @ w1.view(inputs, hidden) + b1)
        return ((h @ w2.view(hidden, 1) + b2 - y) ** 2).mean()

    def step():
        return (torch.func.hessian(loss)(parameters) * weights).sum()

    return step, []
