import torch
from torch import nn

torch.manual_seed(0)
hyper = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 2))
opt = torch.optim.Adam(hyper.parameters(), lr=0.01)
for step in range(30):
    task = torch.rand(1) * 2 - 1
    w, b = hyper(task)
    x = torch.linspace(-1, 1, 15)
    loss = (w * x + b - (task * x + task ** 2)).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
