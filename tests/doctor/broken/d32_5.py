"""Division by a standard deviation that is 0."""
import torch
from torch import nn

torch.manual_seed(0)
scale = nn.Parameter(torch.ones(4))
opt = torch.optim.SGD([scale], lr=0.1)
batch = torch.randn(16, 4)
batch[:, 2] = 3.0
target = torch.randn(16)
for _ in range(3):
    h = batch * scale
    z = (h - h.mean(0)) / h.std(0, unbiased=False)
    loss = (z.sum(1) - target).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
