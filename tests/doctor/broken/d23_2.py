"""Random sampling with replacement for the test set."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X = torch.rand(80, 4)
Y = (X[:, 0] > 0.5).long()
train_idx = torch.randperm(80)[:60]
test_idx = torch.randint(0, 80, (40,))
train = DataLoader(TensorDataset(X[train_idx], Y[train_idx]), batch_size=15, shuffle=True)
test = DataLoader(TensorDataset(X[test_idx], Y[test_idx]), batch_size=20)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(4):
    for xb, yb in train:
        opt.zero_grad()
        nn.functional.cross_entropy(net(xb), yb).backward()
        opt.step()
correct = 0
with torch.no_grad():
    for xb, yb in test:
        correct += (net(xb).argmax(1) == yb).sum().item()
print(correct / 40)
