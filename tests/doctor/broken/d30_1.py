"""A large negative bias switches all ReLUs off."""
import torch
import torch.nn as nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 12), nn.ReLU(), nn.Linear(12, 1))
nn.init.constant_(net[0].bias, -20.0)
opt = torch.optim.SGD(net.parameters(), lr=0.01)
x = torch.randn(40, 4)
y = x.abs().sum(1, keepdim=True)
for _ in range(12):
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
