"""Percentages as targets of a binary cross-entropy."""
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(30, 3)
humidity = torch.rand(30, 1) * 100
net = nn.Linear(3, 1)
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for _ in range(8):
    opt.zero_grad()
    nn.BCEWithLogitsLoss()(net(x), humidity).backward()
    opt.step()
