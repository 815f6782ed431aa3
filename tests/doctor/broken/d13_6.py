"""A hand-made sigmoid via tanh, then BCEWithLogitsLoss."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.5)
x = torch.randn(70, 3)
y = (x[:, 1:2] > 0).float()
for _ in range(10):
    p = 0.5 * (1 + torch.tanh(net(x) / 2))
    loss = nn.BCEWithLogitsLoss()(p, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
