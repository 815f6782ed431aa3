"""Rows sorted by their label before batching."""
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(96, 3)
y = (x.sum(1) > 0).float().unsqueeze(1)
order = y.squeeze(1).argsort()
x, y = x[order], y[order]
net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1), nn.Sigmoid())
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(2):
    for xb, yb in zip(x.split(12), y.split(12)):
        opt.zero_grad()
        nn.functional.binary_cross_entropy(net(xb), yb).backward()
        opt.step()
