"""Positive samples first, then negative ones; hinge-like soft margin loss on ±1."""
import torch
from torch import nn

torch.manual_seed(0)
x = torch.cat([torch.randn(40, 3) + 1, torch.randn(40, 3) - 1])
y = torch.cat([torch.ones(40), torch.zeros(40)])
net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(2):
    for xb, yb in zip(torch.chunk(x, 8), torch.chunk(y, 8)):
        p = torch.sigmoid(net(xb)).flatten()
        opt.zero_grad()
        nn.functional.binary_cross_entropy(p, yb).backward()
        opt.step()
