import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X = torch.randn(90, 3)
y = (X.sum(1) > 0).long()
loader = DataLoader(TensorDataset(X, y), batch_size=30, shuffle=True)
net = nn.Linear(3, 2)
opt = torch.optim.SGD(net.parameters(), lr=0.3)
for epoch in range(5):
    for xb, yb in loader:
        opt.zero_grad()
        nn.functional.cross_entropy(net(xb), yb).backward()
        opt.step()
    with torch.no_grad():
        hits = sum((net(xb).argmax(1) == yb).sum().item() for xb, yb in loader)
    print(epoch, hits / 90)
