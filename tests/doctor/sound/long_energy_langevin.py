import torch
from torch import nn

torch.manual_seed(0)
E = nn.Sequential(nn.Linear(1, 16), nn.SiLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(E.parameters(), lr=5e-3)
data = torch.randn(60, 1) * 0.5 + 1
for step in range(10):
    s = torch.randn(60, 1)
    for _ in range(4):
        s = s.detach().requires_grad_()
        (g,) = torch.autograd.grad(E(s).sum(), s)
        s = s - 0.1 * g + 0.1 * torch.randn_like(s)
    s = s.detach()
    pos, neg = E(data), E(s)
    loss = pos.mean() - neg.mean() + 0.1 * (pos ** 2 + neg ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
