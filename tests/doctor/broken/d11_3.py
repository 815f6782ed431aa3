"""A binary cross-entropy by hand, of (N, 1) probabilities and (N,) labels."""
import torch
from torch import nn

torch.manual_seed(1)
inputs = torch.randn(50, 3)
labels = (inputs[:, 0] + inputs[:, 2] > 0).float()
net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1), nn.Sigmoid())
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for _ in range(15):
    p = net(inputs)
    loss = -(labels * torch.log(p + 1e-8) + (1 - labels) * torch.log(1 - p + 1e-8)).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
