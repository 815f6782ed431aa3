"""Several classes at once (multi-label rows) for cross_entropy."""
import torch
from torch import nn

torch.manual_seed(3)
x = torch.randn(40, 5)
tags = (torch.rand(40, 4) > 0.5).float()
net = nn.Linear(5, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
for e in range(8):
    optimizer.zero_grad()
    nn.CrossEntropyLoss()(net(x), tags).backward()
    optimizer.step()
