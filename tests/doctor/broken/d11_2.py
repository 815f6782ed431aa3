"""The same written by hand."""
import torch

torch.manual_seed(0)
X = torch.randn(30, 4)
t = X @ torch.tensor([0.5, -1.0, 2.0, 0.0])
W = torch.zeros(4, 1, requires_grad=True)
for epoch in range(15):
    pred = X @ W
    loss = ((pred - t) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        W -= 0.1 * W.grad
        W.grad.zero_()
