"""Per-pixel classes: softmax over channels, then cross-entropy."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(), nn.Conv2d(6, 3, 1), nn.Softmax(dim=1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
img = torch.rand(4, 1, 6, 6)
mask = (img[:, 0] * 3).long().clamp(max=2)
for _ in range(6):
    opt.zero_grad()
    nn.functional.cross_entropy(net(img), mask).backward()
    opt.step()
