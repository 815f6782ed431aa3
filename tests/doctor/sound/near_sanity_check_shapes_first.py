import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 2))
print(net(torch.zeros(3, 5)).shape)
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(60, 5)
y = (x.sum(1) > 0).long()
for _ in range(10):
    opt.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    opt.step()
