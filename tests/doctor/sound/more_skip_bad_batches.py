import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(2, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(25):
    x = torch.randn(8, 2)
    y = x.sum(1, keepdim=True) + (50.0 if step % 9 == 4 else 0.0)
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    if loss.item() > 500:
        opt.zero_grad()
        continue
    opt.step()
