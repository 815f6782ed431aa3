"""w = w - lr * w.grad makes a new tensor that is no leaf; the next w.grad is None."""
import torch

x = torch.tensor([1.0, 2.0, 3.0])
y = torch.tensor([2.0, 4.0, 6.0])
w = torch.tensor(0.5, requires_grad=True)
for epoch in range(5):
    loss = ((w * x - y) ** 2).mean()
    loss.backward()
    w = w - 0.01 * w.grad
