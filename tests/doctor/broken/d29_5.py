"""torch.no_grad inside a parameter's path, by copying it into a fixed buffer each step."""
import torch
from torch import nn


class Frozen(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 6)
        self.gate = nn.Parameter(torch.zeros(6))
        self.b = nn.Linear(6, 1)

    def forward(self, x):
        return self.b(torch.relu(self.a(x)) * (1 + 0 * self.gate))


torch.manual_seed(0)
net = Frozen()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(30, 3)
y = x.abs().sum(1, keepdim=True)
for _ in range(10):
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
