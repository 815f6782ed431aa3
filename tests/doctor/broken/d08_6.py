"""A dict of experts chosen by name."""
import torch
from torch import nn


class Experts(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(4, 2)
        self.experts = {str(i): nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 1)) for i in range(2)}

    def forward(self, x):
        g = self.gate(x).softmax(-1)
        return sum(g[:, i:i + 1] * e(x) for i, e in enumerate(self.experts.values()))


torch.manual_seed(0)
net = Experts()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(24, 4)
y = x.abs().sum(1, keepdim=True)
for _ in range(8):
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
