"""A learned temperature outside of the optimizer."""
import torch
from torch import nn


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(3, 3)
        self.temperature = nn.Parameter(torch.ones(()))

    def forward(self, x):
        return self.lin(x) / self.temperature


torch.manual_seed(0)
m = Scaled()
opt = torch.optim.SGD(m.lin.parameters(), lr=0.1)
x = torch.randn(30, 3)
y = x.argmax(1)
for _ in range(10):
    opt.zero_grad()
    nn.functional.cross_entropy(m(x), y).backward()
    opt.step()
