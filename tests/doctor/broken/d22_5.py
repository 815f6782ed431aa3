"""A label column that was parsed as one class, mini-batches, BCE."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.randn(64, 3)
y = torch.ones(64, 1)
net = nn.Linear(3, 1)
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(2):
    for xb, yb in DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True):
        opt.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(net(xb), yb).backward()
        opt.step()
