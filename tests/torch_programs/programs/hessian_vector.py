"""Second derivatives: Hessian-vector products, Newton's method, a curvature by power iteration, jacobians."""

import torch
from torch.autograd.functional import hessian, hvp, jacobian, jvp, vjp

torch.manual_seed(11)
A = torch.randn(5, 5, dtype=torch.float64)
A = A @ A.T + torch.eye(5, dtype=torch.float64)
b = torch.randn(5, dtype=torch.float64)


def f(x):
    return 0.5 * x @ A @ x - b @ x + 0.1 * (x ** 4).sum()


x = torch.zeros(5, dtype=torch.float64, requires_grad=True)
for step in range(5):
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    H = torch.stack([torch.autograd.grad(g[i], x, retain_graph=True)[0] for i in range(5)])
    print(f"step {step}: f = {f(x).item():.6f}, |g| = {g.norm().item():.3e}" if step < 3 else f"step {step}")
    x = (x - torch.linalg.solve(H, g)).detach().requires_grad_(True)
print(x)

v = torch.ones(5, dtype=torch.float64)
value, product = hvp(f, x.detach(), v)
print(product)
print("same:", torch.allclose(product, hessian(f, x.detach()) @ v))

# the largest curvature of a small network's loss, by power iteration
net = torch.nn.Sequential(torch.nn.Linear(3, 6), torch.nn.Tanh(), torch.nn.Linear(6, 1))
inputs, targets = torch.randn(20, 3), torch.randn(20, 1)
params = list(net.parameters())
loss = torch.nn.functional.mse_loss(net(inputs), targets)
grads = torch.autograd.grad(loss, params, create_graph=True)
vec = [torch.ones_like(p) for p in params]
for i in range(12):
    norm = torch.sqrt(sum((u * u).sum() for u in vec))
    vec = [u / norm for u in vec]
    inner = sum((g * u).sum() for g, u in zip(grads, vec))
    Hv = torch.autograd.grad(inner, params, retain_graph=True)
    curvature = sum((h * u).sum() for h, u in zip(Hv, vec))
    vec = [h.detach() for h in Hv]
    if i % 3 == 2:
        print(f"iteration {i + 1}: curvature {curvature.item():.4f}")


def g(x):
    return torch.stack([x[0] * x[1], torch.sin(x[2]), x.prod()])


point = torch.tensor([1.0, 2.0, 3.0])
print(jacobian(g, point))
print(vjp(g, point, torch.tensor([1.0, 0.0, 1.0])))
print(jvp(g, point, torch.tensor([0.0, 1.0, 0.0])))

s = torch.tensor(0.7, requires_grad=True)
derivative = torch.sin(s)
for order in range(1, 6):
    (derivative,) = torch.autograd.grad(derivative, s, create_graph=True)
    print(order, f"{derivative.item():.5f}")
