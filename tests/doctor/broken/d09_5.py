"""x = x * 2 after requires_grad_: x.grad stays empty."""
import torch

x = torch.linspace(0, 1, 5).requires_grad_()
x = x * 2 - 1
for _ in range(3):
    y = (x ** 2).sum()
    y.backward(retain_graph=True)
    with torch.no_grad():
        x -= 0.1 * x.grad
