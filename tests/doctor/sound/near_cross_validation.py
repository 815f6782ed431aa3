import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(60, 3)
y = x @ torch.tensor([[1.0], [0.0], [2.0]]) + 0.1 * torch.randn(60, 1)
folds = torch.randperm(60).split(20)
for k in range(3):
    train = torch.cat([f for i, f in enumerate(folds) if i != k])
    net = nn.Linear(3, 1)
    opt = torch.optim.SGD(net.parameters(), lr=0.2)
    for _ in range(20):
        opt.zero_grad()
        nn.functional.mse_loss(net(x[train]), y[train]).backward()
        opt.step()
    with torch.no_grad():
        print(k, nn.functional.mse_loss(net(x[folds[k]]), y[folds[k]]).item())
