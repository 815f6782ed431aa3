"""Negative inputs (minus the brightness) and positive weights: nothing passes the ReLU."""
import torch
from torch import nn

torch.manual_seed(0)
x = -torch.rand(40, 10)
y = torch.randint(0, 2, (40,))
net = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 2))
nn.init.uniform_(net[0].weight, 0.5, 1.0)
nn.init.zeros_(net[0].bias)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for _ in range(10):
    opt.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    opt.step()
