"""Two models; both optimizers were given the first one's parameters."""
import torch
from torch import nn

torch.manual_seed(0)
a, b = nn.Linear(4, 2), nn.Linear(2, 1)
frozen_copy = nn.Linear(2, 1)
opt_a = torch.optim.SGD(a.parameters(), lr=0.1)
opt_b = torch.optim.SGD(frozen_copy.parameters(), lr=0.1)
x, y = torch.randn(20, 4), torch.randn(20, 1)
for _ in range(8):
    opt_a.zero_grad()
    b.zero_grad()
    nn.functional.mse_loss(b(torch.relu(a(x))), y).backward()
    opt_a.step()
    opt_b.step()
