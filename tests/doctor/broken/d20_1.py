"""The data come sorted by class, and the loader does not shuffle."""
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.cat([torch.randn(40, 2) + c for c in range(3)])
y = torch.arange(3).repeat_interleave(40)
loader = DataLoader(TensorDataset(x, y), batch_size=20)
model = nn.Linear(2, 3)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(3):
    for xb, yb in loader:
        opt.zero_grad()
        nn.functional.cross_entropy(model(xb), yb).backward()
        opt.step()
