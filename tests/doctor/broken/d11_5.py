"""Absolute error of (N,) predictions and (N, 1) targets, summed."""
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(24, 5)
y = x[:, 1:3].sum(1, keepdim=True)
net = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 1), nn.Flatten(0))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for _ in range(12):
    loss = torch.abs(y - net(x)).sum() / len(x)
    opt.zero_grad()
    loss.backward()
    opt.step()
