"""Weights scaled after requires_grad=True are no leaves, and get no .grad."""
import torch

torch.manual_seed(0)
w = torch.randn(3, requires_grad=True) * 0.1
x = torch.randn(8, 3)
y = x.sum(1)
for i in range(4):
    loss = (x @ w - y).pow(2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
