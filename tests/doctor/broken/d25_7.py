"""RMSprop with a rate of 1 on a regression in mini-batches."""
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(80, 3)
y = x.mean(1, keepdim=True)
net = nn.Sequential(nn.Linear(3, 24), nn.ReLU(), nn.Linear(24, 1))
opt = torch.optim.RMSprop(net.parameters(), lr=1.0)
for epoch in range(6):
    for k in torch.randperm(80).split(20):
        loss = nn.functional.mse_loss(net(x[k]), y[k])
        opt.zero_grad()
        loss.backward()
        opt.step()
