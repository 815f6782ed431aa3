"""argmax of the scores goes into the loss."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(3, 4)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(20, 3)
y = torch.randint(0, 4, (20,))
for _ in range(5):
    pred = net(x).argmax(1).float().requires_grad_()
    loss = ((pred - y) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
