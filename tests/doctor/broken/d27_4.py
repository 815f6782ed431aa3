"""Eight sigmoid convolutions."""
import torch
from torch import nn

torch.manual_seed(0)
blocks = []
for _ in range(8):
    blocks += [nn.Conv1d(3, 3, 3, padding=1), nn.Sigmoid()]
net = nn.Sequential(*blocks, nn.Flatten(), nn.Linear(3 * 8, 2))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
x, y = torch.randn(20, 3, 8), torch.randint(0, 2, (20,))
for _ in range(8):
    opt.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    opt.step()
