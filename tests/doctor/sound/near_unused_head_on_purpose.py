import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, deep):
        super().__init__()
        self.a = nn.Linear(4, 4)
        self.extra = nn.Linear(4, 4) if deep else nn.Identity()
        self.out = nn.Linear(4, 1)

    def forward(self, x):
        return self.out(torch.tanh(self.extra(torch.tanh(self.a(x)))))


torch.manual_seed(0)
x = torch.randn(30, 4)
y = x.mean(1, keepdim=True)
for deep in (False, True):
    net = Net(deep)
    opt = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(12):
        opt.zero_grad()
        nn.functional.mse_loss(net(x), y).backward()
        opt.step()
