"""Gradient descent by hand with autograd; w.grad is never cleared."""
import torch

x = torch.tensor([1.0, 2.0, 3.0, 4.0])
y = 2 * x
w = torch.tensor(0.0, requires_grad=True)
lr = 0.01
for epoch in range(12):
    loss = ((w * x - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
print(w)
