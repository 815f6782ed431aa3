"""A small network, momentum, and a rate of 3."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.SGD(net.parameters(), lr=3.0, momentum=0.9)
x = torch.randn(50, 2)
y = torch.sin(x[:, :1]) + x[:, 1:]
for step in range(20):
    loss = (net(x) - y).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
