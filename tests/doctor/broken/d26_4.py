"""Momentum SGD on a classifier, lr=1e-6."""
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(60, 5)
y = x[:, :3].argmax(1)
net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.SGD(net.parameters(), lr=1e-6, momentum=0.9)
for _ in range(45):
    opt.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    opt.step()
