import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 10), nn.Tanh(), nn.Linear(10, 1))
net[0].requires_grad_(False)
opt = torch.optim.Adam(filter(lambda p: p.requires_grad, net.parameters()), lr=0.01)
x = torch.randn(32, 4)
y = x.norm(dim=1, keepdim=True)
for epoch in range(15):
    opt.zero_grad()
    nn.functional.smooth_l1_loss(net(x), y).backward()
    opt.step()
net[0].requires_grad_(True)
opt = torch.optim.Adam(net.parameters(), lr=0.001)
for epoch in range(6):
    opt.zero_grad()
    nn.functional.smooth_l1_loss(net(x), y).backward()
    opt.step()
