import torch
from torch import nn

torch.manual_seed(0)
x = torch.cat([torch.randn(30, 2) + c for c in (-2, 0, 2)])
y = torch.arange(3).repeat_interleave(30)
net = nn.Linear(2, 3)
opt = torch.optim.Adam(net.parameters(), lr=0.1)
for _ in range(20):
    opt.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    opt.step()
