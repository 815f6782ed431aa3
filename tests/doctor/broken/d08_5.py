"""Attention heads in a tuple."""
import torch
from torch import nn


class Multi(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = tuple(nn.Linear(6, 2) for _ in range(3))
        self.mix = nn.Linear(6, 6)

    def forward(self, x):
        return self.mix(torch.cat([h(x) for h in self.heads], dim=-1))


torch.manual_seed(0)
net = Multi()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(20, 6)
for _ in range(8):
    opt.zero_grad()
    nn.functional.mse_loss(net(x), x.flip(1)).backward()
    opt.step()
