"""Sigmoid of distances in metres."""
import torch
from torch import nn

torch.manual_seed(0)
d = torch.rand(50, 4) * 2000
label = torch.randint(0, 2, (50, 1)).float()
a, b = nn.Linear(4, 12), nn.Linear(12, 1)
opt = torch.optim.SGD([*a.parameters(), *b.parameters()], lr=0.01)
for _ in range(10):
    loss = nn.functional.binary_cross_entropy_with_logits(b(torch.sigmoid(a(d))), label)
    opt.zero_grad()
    loss.backward()
    opt.step()
