"""Poisson counts: target and prediction exchanged."""
import torch
from torch import nn

torch.manual_seed(0)
counts = torch.poisson(torch.full((40,), 3.0))
rate = nn.Linear(2, 1)
inputs = torch.randn(40, 2)
criterion = nn.PoissonNLLLoss()
opt = torch.optim.SGD(rate.parameters(), lr=0.01)
for _ in range(10):
    loss = criterion(counts, rate(inputs).squeeze(1))
    opt.zero_grad()
    loss.backward()
    opt.step()
