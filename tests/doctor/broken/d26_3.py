"""Logistic regression by hand with lr = 0.00001."""
import torch

torch.manual_seed(0)
x = torch.randn(30, 4)
t = (x.sum(1) > 0).float()
w = torch.zeros(4, requires_grad=True)
for i in range(30):
    p = torch.sigmoid(x @ w)
    loss = torch.nn.functional.binary_cross_entropy(p, t)
    loss.backward()
    with torch.no_grad():
        w -= 0.00001 * w.grad
        w.grad.zero_()
