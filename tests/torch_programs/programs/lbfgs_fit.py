"""L-BFGS with closures: a nonlinear curve fit and Rosenbrock's valley, with and without line search."""

import torch

torch.manual_seed(8)
t = torch.linspace(0, 4, 60, dtype=torch.float64)
clean = 2.5 * torch.exp(-1.3 * t) + 0.5
y = clean + 0.02 * torch.randn(60, dtype=torch.float64)

params = torch.tensor([1.0, 0.5, 0.0], dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.LBFGS([params], lr=1, max_iter=10, history_size=10, line_search_fn="strong_wolfe")


def closure():
    optimizer.zero_grad()
    amplitude, rate, offset = params
    loss = ((amplitude * torch.exp(-rate * t) + offset - y) ** 2).sum()
    loss.backward()
    return loss


for i in range(6):
    loss = optimizer.step(closure)
    print(f"step {i}: loss {loss.item():.8f}")
print(params)
print("gradient vanishes:", params.grad.norm().item() < 1e-2)


def rosenbrock(xy):
    x, y = xy
    return (1 - x) ** 2 + 100 * (y - x ** 2) ** 2


xy = torch.nn.Parameter(torch.tensor([-1.2, 1.0]))
optimizer = torch.optim.LBFGS([xy], lr=0.2, max_iter=4)
values = []


def rosenbrock_closure():
    optimizer.zero_grad()
    value = rosenbrock(xy)
    value.backward()
    values.append(value.item())
    return value


for _ in range(3):
    optimizer.step(rosenbrock_closure)
print(len(values), [f"{v:.4f}" for v in values[:8]])
print(xy.detach())
print(optimizer)
