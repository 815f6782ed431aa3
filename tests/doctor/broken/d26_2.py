"""Adam, 1e-8, a network."""
import torch
from torch import nn, optim

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 20), nn.Tanh(), nn.Linear(20, 1))
optimizer = optim.Adam(net.parameters(), lr=1e-8)
points = torch.rand(60, 2)
height = 3 + points.prod(1, keepdim=True)
for epoch in range(25):
    loss = ((net(points) - height) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
