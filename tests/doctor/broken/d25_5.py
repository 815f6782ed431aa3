"""Logistic regression on features of size ten, lr=5: the loss jumps."""
import torch

torch.manual_seed(2)
X = torch.randn(40, 2) * 6
t = ((X[:, 0] + X[:, 1] + 4 * torch.randn(40)) > 0).float()
w = torch.zeros(2, requires_grad=True)
opt = torch.optim.SGD([w], lr=20.0)
for i in range(30):
    opt.zero_grad()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(X @ w, t)
    loss.backward()
    opt.step()
