import torch
from torch import nn

torch.manual_seed(0)
x = torch.rand(40, 2)
y = x.prod(1)
net = nn.Sequential(nn.Linear(2, 10), nn.Tanh(), nn.Linear(10, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for _ in range(20):
    pred = net(x).squeeze(-1)
    loss = ((pred - y) ** 2).mean() / y.var()
    opt.zero_grad()
    loss.backward()
    opt.step()
