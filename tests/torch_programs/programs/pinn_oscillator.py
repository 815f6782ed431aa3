"""A physics-informed network solves y'' = -y with y(0) = 1, y'(0) = 0: derivatives of the network's input in its loss."""

import torch
import torch.nn as nn

torch.manual_seed(30)
torch.set_default_dtype(torch.float64)
net = nn.Sequential(nn.Linear(1, 12), nn.Tanh(), nn.Linear(12, 12), nn.Tanh(), nn.Linear(12, 1))
print(net[0].weight.dtype)
t = torch.linspace(0, 3, 25).unsqueeze(1).requires_grad_(True)
zero = torch.zeros(1, 1, requires_grad=True)
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)


def derivative(y, x):
    return torch.autograd.grad(y, x, torch.ones_like(y), create_graph=True)[0]


for epoch in range(121):
    y = net(t)
    dy = derivative(y, t)
    ddy = derivative(dy, t)
    physics = ((ddy + y) ** 2).mean()
    start = net(zero)
    boundary = (start - 1).pow(2).squeeze() + derivative(start, zero).pow(2).squeeze()
    loss = physics + boundary
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 30 == 0:
        print(f"epoch {epoch}: physics {physics.item():.6f} boundary {boundary.item():.6f}")
with torch.no_grad():
    error = (net(t) - torch.cos(t)).abs()
    print(f"mean error {error.mean().item():.5f}")
    print(net(t)[::8].flatten())
torch.set_default_dtype(torch.float32)
print(torch.ones(1).dtype)
