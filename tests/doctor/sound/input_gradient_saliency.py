import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 3))
opt = torch.optim.Adam(net.parameters(), lr=0.02)
x = torch.randn(45, 6)
y = x[:, ::2].argmax(1)
for _ in range(20):
    opt.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    opt.step()
probe = x[:1].clone().requires_grad_()
net(probe)[0, y[0]].backward()
print(probe.grad.abs())
