import torch
from torch import nn

torch.manual_seed(0)
x = torch.rand(50, 1)
y = 2 * x + 0.3 * torch.randn(50, 1)
taus = torch.tensor([0.1, 0.5, 0.9])
net = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for _ in range(30):
    err = y - net(x)
    loss = torch.maximum(taus * err, (taus - 1) * err).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
