"""A moving average of the loss, as a tensor with its history."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)
smooth = None
for step in range(15):
    x = torch.randn(10, 3)
    loss = nn.functional.mse_loss(net(x), x.sum(1, keepdim=True))
    smooth = loss if smooth is None else 0.9 * smooth + 0.1 * loss
    opt.zero_grad()
    loss.backward()
    opt.step()
print(smooth)
