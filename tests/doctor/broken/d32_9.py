"""Normalising a row of zeros by its sum."""
import torch
from torch import nn

torch.manual_seed(0)
counts = torch.randint(0, 4, (20, 5)).float()
counts[6] = 0
share = counts / counts.sum(1, keepdim=True)
net = nn.Linear(5, 2)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
y = torch.randint(0, 2, (20,))
for _ in range(3):
    opt.zero_grad()
    nn.functional.cross_entropy(net(share), y).backward()
    opt.step()
