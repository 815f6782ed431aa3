"""The update by hand forgets the inputs' factor for the weight."""
import torch

torch.manual_seed(0)
x = torch.randn(25, 3)
y = x @ torch.tensor([1.0, -1.0, 2.0])
w = torch.zeros(3, requires_grad=True)
for step in range(10):
    error = x @ w - y
    loss = (error ** 2).mean()
    with torch.no_grad():
        w -= 0.1 * 2 * error.mean()
