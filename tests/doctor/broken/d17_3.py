"""Labels of shape (N, 1)."""
import torch
from torch import nn

torch.manual_seed(0)
labels = torch.randint(0, 3, (15, 1))
x = torch.randn(15, 6)
net = nn.Linear(6, 3)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for e in range(3):
    loss = nn.functional.cross_entropy(net(x), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
