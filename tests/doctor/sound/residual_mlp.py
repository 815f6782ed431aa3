import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm, self.a, self.b = nn.LayerNorm(d), nn.Linear(d, 2 * d), nn.Linear(2 * d, d)

    def forward(self, x):
        return x + self.b(torch.relu(self.a(self.norm(x))))


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 12), *[Block(12) for _ in range(6)], nn.Linear(12, 1))
opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
x = torch.randn(48, 3)
y = torch.sin(x.sum(1, keepdim=True))
for _ in range(15):
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
