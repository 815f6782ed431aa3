"""Classes 1 and 2 as targets of a binary loss."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.randn(40, 2)
y = (x[:, 0] > 0).float() + 1
net = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(3):
    for xb, yb in DataLoader(TensorDataset(x, y), batch_size=10, shuffle=True):
        opt.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(net(xb)[:, 0], yb).backward()
        opt.step()
