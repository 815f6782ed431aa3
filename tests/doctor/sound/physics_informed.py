import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
t0 = torch.zeros(1, 1)
for _ in range(25):
    t = torch.rand(20, 1, requires_grad=True)
    u = net(t)
    (du,) = torch.autograd.grad(u.sum(), t, create_graph=True)
    residual = du + 2 * u
    loss = residual.pow(2).mean() + (net(t0) - 1).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
