"""Momentum by hand that rebinds the weight."""
import torch

torch.manual_seed(0)
x = torch.randn(20, 2)
y = x.sum(1)
w = torch.zeros(2, requires_grad=True)
v = torch.zeros(2)
for i in range(5):
    loss = (x @ w - y).pow(2).mean()
    loss.backward()
    v = 0.9 * v + w.grad
    w = w - 0.1 * v
