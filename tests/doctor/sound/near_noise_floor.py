import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(100, 3)
y = torch.randn(100, 1)
net = nn.Linear(3, 1)
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for _ in range(60):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
