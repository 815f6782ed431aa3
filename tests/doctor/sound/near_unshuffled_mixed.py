import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.randn(80, 3)
y = (x[:, 1] > 0).long()
net = nn.Linear(3, 2)
opt = torch.optim.SGD(net.parameters(), lr=0.2)
for epoch in range(3):
    for xb, yb in DataLoader(TensorDataset(x, y), batch_size=10, shuffle=False):
        opt.zero_grad()
        nn.functional.cross_entropy(net(xb), yb).backward()
        opt.step()
