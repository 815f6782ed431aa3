"""The same for a matrix and a bias, in a function."""
import torch


def step(p, lr):
    return p - lr * p.grad


torch.manual_seed(0)
W = torch.randn(4, 2, requires_grad=True)
b = torch.zeros(2, requires_grad=True)
X = torch.randn(10, 4)
T = torch.randn(10, 2)
for it in range(4):
    err = X @ W + b - T
    loss = (err * err).sum()
    loss.backward()
    W, b = step(W, 0.01), step(b, 0.01)
    W.retain = True
