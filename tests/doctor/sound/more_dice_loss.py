import torch
from torch import nn

torch.manual_seed(0)
img = torch.rand(6, 1, 8, 8)
mask = (img > 0.6).float()
net = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 1, 1), nn.Sigmoid())
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for _ in range(10):
    p = net(img)
    loss = 1 - (2 * (p * mask).sum() + 1) / (p.sum() + mask.sum() + 1)
    opt.zero_grad()
    loss.backward()
    opt.step()
