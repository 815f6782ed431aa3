"""tanh units fed with unscaled sums."""
import torch
from torch import nn

torch.manual_seed(0)
counts = torch.randint(0, 500, (40, 12)).float()
y = torch.randint(0, 3, (40,))
net = nn.Sequential(nn.Linear(12, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 3))
opt = torch.optim.SGD(net.parameters(), lr=0.01)
for _ in range(10):
    opt.zero_grad()
    nn.functional.cross_entropy(net(counts), y).backward()
    opt.step()
