"""The losses are kept in a list as tensors."""
import torch
from torch import nn, optim

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 12), nn.Tanh(), nn.Linear(12, 2))
optimizer = optim.Adam(net.parameters(), lr=0.02)
points = torch.randn(60, 2)
label = (points.norm(dim=1) < 1).long()
history = []
for epoch in range(15):
    loss = nn.functional.cross_entropy(net(points), label)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    history.append(loss)
print(float(history[0]), float(history[-1]))
