"""Pixel classes of a segmentation: 255 marks the border, and ignore_index is not set."""
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(2, 3, 6, 6)
y = torch.randint(0, 4, (2, 6, 6))
y[:, 0] = 255
net = nn.Conv2d(3, 4, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(3):
    opt.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    opt.step()
