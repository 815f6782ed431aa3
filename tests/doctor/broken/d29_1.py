"""Both layers start at zero: no gradient ever reaches them."""
import torch
import torch.nn as nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 5, bias=False), nn.Tanh(), nn.Linear(5, 1))
for layer in (net[0], net[2]):
    nn.init.zeros_(layer.weight)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(20, 3)
y = x[:, :1]
for _ in range(10):
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
