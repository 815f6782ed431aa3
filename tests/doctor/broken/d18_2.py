"""Batch norm in training mode while validating, every epoch, which also moves its statistics."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def evaluate(net, loader):
    total = 0.0
    with torch.no_grad():
        for xb, yb in loader:
            total += nn.functional.mse_loss(net(xb), yb).item()
    return total / len(loader)


torch.manual_seed(0)
X = torch.randn(96, 3)
Y = X.sum(1, keepdim=True)
train = DataLoader(TensorDataset(X[:64], Y[:64]), batch_size=16, shuffle=True)
valid = DataLoader(TensorDataset(X[64:], Y[64:]), batch_size=16)
net = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(3):
    for xb, yb in train:
        opt.zero_grad()
        nn.functional.mse_loss(net(xb), yb).backward()
        opt.step()
    print(evaluate(net, valid))
