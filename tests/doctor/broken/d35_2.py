"""The targets alone are float64: the loss is computed in float64."""
import numpy as np
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(25, 2)
noise = np.random.default_rng(1).normal(size=25)
y = torch.tensor(noise) + x[:, 0]
net = nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for _ in range(10):
    loss = (net(x).squeeze(1) - y).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
