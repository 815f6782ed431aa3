import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
with torch.no_grad():
    net[0].bias[:4] = -10
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(60, 2)
y = (x[:, 0] > 0).long()
for _ in range(20):
    opt.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    opt.step()
