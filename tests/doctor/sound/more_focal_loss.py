import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(80, 3)
y = (x[:, 0] > 1).float()
net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for _ in range(15):
    p = torch.sigmoid(net(x)).squeeze(1)
    pt = torch.where(y > 0.5, p, 1 - p)
    loss = (-((1 - pt) ** 2) * torch.log(pt.clamp(min=1e-8))).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
