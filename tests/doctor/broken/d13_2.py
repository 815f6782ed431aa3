"""A logistic function by hand, then binary_cross_entropy_with_logits."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
w = torch.zeros(5, requires_grad=True)
X = torch.randn(80, 5)
t = (X.sum(1) > 0).float()
for epoch in range(10):
    p = 1 / (1 + torch.exp(-(X @ w)))
    loss = F.binary_cross_entropy_with_logits(p, t)
    loss.backward()
    with torch.no_grad():
        w -= 1.0 * w.grad
    w.grad = None
