"""Soft labels: F.cross_entropy(labels, logits)."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
W = torch.zeros(6, 3, requires_grad=True)
X = torch.randn(40, 6)
soft = torch.softmax(X[:, :3] * 2, dim=1)
opt = torch.optim.Adam([W], lr=0.05)
for _ in range(10):
    loss = F.cross_entropy(soft, X @ W)
    opt.zero_grad()
    loss.backward()
    opt.step()
