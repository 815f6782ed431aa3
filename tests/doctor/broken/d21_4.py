"""Salary in dollars and age, a small network."""
import torch
from torch import nn

torch.manual_seed(0)
salary = torch.rand(60) * 80000 + 20000
age = torch.rand(60) * 40 + 20
x = torch.stack([salary, age], 1)
y = (age > 40).long()
net = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
opt = torch.optim.SGD(net.parameters(), lr=1e-3)
for _ in range(25):
    opt.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    opt.step()
