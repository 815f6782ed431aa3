"""Fixed weights, but the batches are shuffled by an unseeded generator."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

x = torch.linspace(-1, 1, 40).unsqueeze(1)
y = x ** 3
w = nn.Parameter(torch.zeros(1, 3))
opt = torch.optim.SGD([w], lr=0.1)
for epoch in range(2):
    for xb, yb in DataLoader(TensorDataset(x, y), batch_size=10, shuffle=True):
        basis = torch.cat([xb, xb ** 2, xb ** 3], 1)
        loss = ((basis * w).sum(1, keepdim=True) - yb).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
