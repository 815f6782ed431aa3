"""All hidden units die in the first steps of a too fast Adam."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 10), nn.ReLU(), nn.Linear(10, 1))
with torch.no_grad():
    net[0].weight.copy_(net[0].weight.abs())
    net[0].bias.fill_(-30.0)
x = torch.rand(40, 2) * 5
y = x.prod(1, keepdim=True)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for _ in range(12):
    for k in torch.randperm(40).split(20):
        opt.zero_grad()
        nn.functional.mse_loss(net(x[k]), y[k]).backward()
        opt.step()
