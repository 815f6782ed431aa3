import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

torch.manual_seed(0)
x = torch.cat([torch.randn(90, 2), torch.randn(10, 2) + 2])
y = torch.cat([torch.zeros(90), torch.ones(10)]).long()
weight = 1 / torch.bincount(y).float()[y]
loader = DataLoader(TensorDataset(x, y), batch_size=20, sampler=WeightedRandomSampler(weight, 100))
net = nn.Linear(2, 2)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(3):
    for xb, yb in loader:
        opt.zero_grad()
        nn.functional.cross_entropy(net(xb), yb).backward()
        opt.step()
