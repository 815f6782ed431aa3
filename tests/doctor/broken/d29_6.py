"""A mask that is always 0 multiplies the adapter's output."""
import torch
from torch import nn


class Adapter(nn.Module):
    def __init__(self):
        super().__init__()
        self.base, self.extra = nn.Linear(4, 2), nn.Linear(4, 2)
        self.register_buffer("mask", torch.zeros(2))

    def forward(self, x):
        return self.base(x) + self.mask * self.extra(x)


torch.manual_seed(0)
net = Adapter()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(30, 4)
y = (x[:, 0] > 0).long()
for _ in range(10):
    opt.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    opt.step()
