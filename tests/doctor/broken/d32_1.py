"""log(0) in a loss written by hand."""
import torch
import torch.nn as nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(20, 2) * 100
y = (x[:, :1] < 0).float()
for _ in range(4):
    p = net(x)
    loss = -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
