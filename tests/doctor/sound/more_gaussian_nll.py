import torch
from torch import nn

torch.manual_seed(0)
x = torch.rand(60, 1) * 4
y = torch.sin(x) + 0.2 * x * torch.randn(60, 1)
net = nn.Sequential(nn.Linear(1, 24), nn.Tanh(), nn.Linear(24, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for _ in range(30):
    mu, raw = net(x).chunk(2, 1)
    loss = nn.functional.gaussian_nll_loss(mu, y, nn.functional.softplus(raw) + 1e-3)
    opt.zero_grad()
    loss.backward()
    opt.step()
