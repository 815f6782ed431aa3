"""Logistic regression, lr=100."""
import torch

torch.manual_seed(0)
X = torch.randn(60, 3) * 2
t = (X[:, 0] + 2 * torch.randn(60) > 0).float()
w = torch.zeros(3, requires_grad=True)
for _ in range(25):
    loss = torch.nn.functional.binary_cross_entropy_with_logits(X @ w, t)
    loss.backward()
    with torch.no_grad():
        w -= 100 * w.grad
    w.grad = None
