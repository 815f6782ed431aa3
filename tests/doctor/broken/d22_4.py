"""The regression target is one number for all."""
import torch
from torch import nn

torch.manual_seed(1)
x = torch.rand(20, 2)
y = torch.full((20, 1), 7.0)
net = nn.Linear(2, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(12):
    opt.zero_grad()
    nn.MSELoss()(net(x), y).backward()
    opt.step()
