"""One-hot rows as integers."""
import torch
from torch import nn

torch.manual_seed(0)
y = nn.functional.one_hot(torch.randint(0, 3, (20,)), 3)
x = torch.randn(20, 4)
net = nn.Linear(4, 3)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(4):
    opt.zero_grad()
    nn.CrossEntropyLoss()(net(x), y).backward()
    opt.step()
