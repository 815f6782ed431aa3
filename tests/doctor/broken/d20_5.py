"""Digits in order, a batch sampler without shuffling, NLL loss."""
import torch
from torch import nn
from torch.utils.data import BatchSampler, DataLoader, SequentialSampler, TensorDataset

torch.manual_seed(0)
y = torch.arange(5).repeat_interleave(20)
x = torch.randn(100, 4) + y[:, None] * 0.5
ds = TensorDataset(x, y)
loader = DataLoader(ds, batch_sampler=BatchSampler(SequentialSampler(ds), 10, False))
net = nn.Sequential(nn.Linear(4, 10), nn.ReLU(), nn.Linear(10, 5), nn.LogSoftmax(1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for xb, yb in loader:
    opt.zero_grad()
    nn.functional.nll_loss(net(xb), yb).backward()
    opt.step()
