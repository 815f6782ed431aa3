"""Validation inside the training loop, batch norm never told."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(64, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x, v = torch.rand(32, 1, 6, 6), torch.rand(16, 1, 6, 6)
y, w = (x.mean((1, 2, 3)) > 0.5).long(), (v.mean((1, 2, 3)) > 0.5).long()
for epoch in range(4):
    for k in torch.randperm(32).split(16):
        opt.zero_grad()
        nn.functional.cross_entropy(net(x[k]), y[k]).backward()
        opt.step()
    with torch.no_grad():
        val = nn.functional.cross_entropy(net(v), w)
    print(epoch, val.item())
