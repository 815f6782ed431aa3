"""One parameter group has a learning rate of 0 by mistake."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 10), nn.Tanh(), nn.Linear(10, 1))
opt = torch.optim.SGD([{"params": net[0].parameters(), "lr": 0.0}, {"params": net[2].parameters()}], lr=0.1)
x = torch.randn(40, 3)
y = (x ** 2).sum(1, keepdim=True)
for _ in range(15):
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
