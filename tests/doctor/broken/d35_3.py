"""Weights made from NumPy's random numbers are float64, and so is everything after them."""
import numpy as np
import torch

np.random.seed(0)
X = torch.tensor(np.random.rand(30, 3))
y = X.sum(dim=1)
w = torch.tensor(np.zeros(3), requires_grad=True)
lr = 0.3
for epoch in range(20):
    loss = ((X @ w - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
    w.grad = None
