"""Learning to learn: model-agnostic meta-learning on sines, gradients through gradient steps; torch.func."""

import math

import torch
from torch import nn
from torch.func import functional_call, grad, hessian, jacrev, vmap

torch.manual_seed(50)


def net(x, params):
    x = torch.tanh(nn.functional.linear(x, params[0], params[1]))
    return nn.functional.linear(x, params[2], params[3])


params = [
    torch.randn(16, 1).mul_(0.5).requires_grad_(),
    torch.zeros(16, requires_grad=True),
    torch.randn(1, 16).mul_(0.25).requires_grad_(),
    torch.zeros(1, requires_grad=True),
]
optimizer = torch.optim.Adam(params, lr=0.005)
for it in range(15):
    meta_loss = 0.0
    for _ in range(4):
        amplitude, phase = 1 + torch.rand(1), math.pi * torch.rand(1)
        x = torch.rand(16, 1) * 4 - 2
        y = amplitude * torch.sin(x + phase)
        inner = ((net(x[:8], params) - y[:8]) ** 2).mean()
        grads = torch.autograd.grad(inner, params, create_graph=True)
        adapted = [p - 0.05 * g for p, g in zip(params, grads)]
        meta_loss = meta_loss + ((net(x[8:], adapted) - y[8:]) ** 2).mean() / 4
    optimizer.zero_grad()
    meta_loss.backward()
    optimizer.step()
    if it % 3 == 0:
        print(f"iteration {it}: meta loss {meta_loss.item():.5f}")
print([f"{p.grad.norm().item():.5f}" for p in params])

# the same ideas in torch.func
model = nn.Linear(3, 1)
weights = {name: p.detach() for name, p in model.named_parameters()}
xs, ys = torch.randn(5, 3), torch.randn(5, 1)


def loss_fn(weights, x, y):
    return ((functional_call(model, weights, (x,)) - y) ** 2).mean()


per_sample = vmap(grad(loss_fn), in_dims=(None, 0, 0))(weights, xs, ys)
print(per_sample["weight"].shape, per_sample["bias"].shape)
print(per_sample["bias"].squeeze())
print(per_sample["weight"].mean(dim=0), grad(loss_fn)(weights, xs, ys)["weight"])
print(jacrev(torch.sin)(torch.tensor([0.0, 1.0])))
print(hessian(lambda v: (v ** 3).sum())(torch.tensor([1.0, 2.0])))
print(vmap(torch.dot)(xs, xs.flip(0)))
