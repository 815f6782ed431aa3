import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 10), nn.BatchNorm1d(10), nn.ReLU(), nn.Linear(10, 2))
x = torch.randn(40, 4)
y = (x[:, 0] > 0).long()
net.eval()
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for _ in range(15):
    opt.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    opt.step()
