import torch
from torch import nn

torch.manual_seed(0)
u = nn.Parameter(torch.randn(5))
v = nn.Parameter(torch.randn(5))
ou, ov = torch.optim.SGD([u], lr=0.05), torch.optim.SGD([v], lr=0.05)
goal = torch.outer(torch.arange(5.0), torch.ones(5)) / 5
for step in range(30):
    loss = (torch.outer(u, v) - goal).pow(2).sum()
    opt = ou if step % 2 else ov
    ou.zero_grad()
    ov.zero_grad()
    loss.backward()
    opt.step()
