import torch
from torch import nn

torch.manual_seed(1)
x = torch.randn(64, 10)
y = torch.randint(0, 5, (64,))
net = nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 5))
opt = torch.optim.SGD(net.parameters(), lr=0.01)
for _ in range(40):
    opt.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    opt.step()
