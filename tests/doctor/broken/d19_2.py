"""A test loop over a loader that builds graphs."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X = torch.randn(120, 4)
Y = (X.sum(1) > 0).long()
net = nn.Sequential(nn.Linear(4, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Linear(12, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(2):
    net.train()
    for xb, yb in DataLoader(TensorDataset(X[:80], Y[:80]), batch_size=20, shuffle=True):
        opt.zero_grad()
        nn.functional.cross_entropy(net(xb), yb).backward()
        opt.step()
net.eval()
right = 0
for xb, yb in DataLoader(TensorDataset(X[80:], Y[80:]), batch_size=20):
    right += (net(xb).argmax(1) == yb).sum().item()
print(right / 40)
