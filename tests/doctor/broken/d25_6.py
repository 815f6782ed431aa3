"""A sum instead of a mean makes the gradient a hundred times larger."""
import torch
from torch import nn

torch.manual_seed(0)
x = torch.rand(100, 2) * 2
y = x @ torch.tensor([[2.0], [-1.0]])
net = nn.Linear(2, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for _ in range(12):
    loss = nn.functional.mse_loss(net(x), y, reduction="sum")
    opt.zero_grad()
    loss.backward()
    opt.step()
