import copy
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Linear(12, 1))
mean = copy.deepcopy(net)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(80, 2)
y = x.prod(1, keepdim=True)
count = 0
for epoch in range(10):
    for i in torch.randperm(80).split(20):
        opt.zero_grad()
        nn.functional.mse_loss(net(x[i]), y[i]).backward()
        opt.step()
    if epoch >= 5:
        count += 1
        for a, b in zip(mean.parameters(), net.parameters()):
            a.data += (b.data - a.data) / count
mean.train()
with torch.no_grad():
    for i in range(0, 80, 20):
        mean(x[i:i + 20])
mean.eval()
with torch.no_grad():
    print(nn.functional.mse_loss(mean(x), y).item())
