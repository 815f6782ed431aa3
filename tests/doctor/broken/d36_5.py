"""sigmoid hidden layer of one unit for a product of two inputs."""
import torch
from torch import nn

torch.manual_seed(0)
x = torch.rand(90, 2) * 2 - 1
y = x[:, :1] * x[:, 1:]
net = nn.Linear(2, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.2)
for _ in range(80):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
