import torch
from torch import nn

torch.manual_seed(0)
best = torch.tensor(float("inf"))
net = nn.Linear(2, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(20, 2)
y = x.sum(1, keepdim=True)
for _ in range(10):
    loss = nn.functional.l1_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    best = torch.minimum(best, loss.detach())
print(best)
