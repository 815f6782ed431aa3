import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(10, 1)
x = torch.randn(50, 10)
y = x[:, :2].sum(1, keepdim=True)
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for _ in range(25):
    loss = nn.functional.mse_loss(net(x), y)
    for p in net.parameters():
        loss = loss + 1e-3 * p.abs().sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
