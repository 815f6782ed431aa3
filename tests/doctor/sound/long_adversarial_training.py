import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
x = torch.rand(60, 8)
y = (x[:, :4].sum(1) > x[:, 4:].sum(1)).long()
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.2)
for epoch in range(15):
    probe = x.clone().requires_grad_()
    (g,) = torch.autograd.grad(F.cross_entropy(net(probe), y), probe)
    harder = (x + 0.03 * g.sign()).clamp(0, 1)
    opt.zero_grad()
    F.cross_entropy(net(harder), y).backward()
    opt.step()
