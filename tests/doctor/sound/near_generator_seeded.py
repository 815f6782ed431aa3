import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(7)
g = torch.Generator().manual_seed(1)
x = torch.randn(100, 4, generator=g)
data = TensorDataset(x, x.sum(1, keepdim=True))
train, val = random_split(data, [80, 20], generator=g)
net = nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(3):
    for xb, yb in DataLoader(train, batch_size=16, shuffle=True, generator=g):
        opt.zero_grad()
        nn.functional.mse_loss(net(xb), yb).backward()
        opt.step()
    with torch.no_grad():
        print(sum(nn.functional.mse_loss(net(xb), yb).item() for xb, yb in DataLoader(val, batch_size=10)))
