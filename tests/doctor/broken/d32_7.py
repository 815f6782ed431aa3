"""Cosine similarity by hand of a zero vector."""
import torch
from torch import nn

torch.manual_seed(0)
enc = nn.Linear(4, 3, bias=False)
opt = torch.optim.SGD(enc.parameters(), lr=0.1)
a, b = torch.randn(10, 4), torch.randn(10, 4)
a[3] = 0.0
for _ in range(3):
    u, v = enc(a), enc(b)
    cos = (u * v).sum(1) / (u.norm(dim=1) * v.norm(dim=1))
    loss = (1 - cos).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
