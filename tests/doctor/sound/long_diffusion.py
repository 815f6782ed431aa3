import torch
from torch import nn

torch.manual_seed(0)
T = 20
beta = torch.linspace(1e-3, 0.1, T)
abar = torch.cumprod(1 - beta, 0)
net = nn.Sequential(nn.Linear(3, 32), nn.SiLU(), nn.Linear(32, 2))
opt = torch.optim.AdamW(net.parameters(), lr=5e-3)
for step in range(40):
    x0 = torch.randn(64, 2) * 0.2 + torch.tensor([1.0, -1.0])
    t = torch.randint(0, T, (64,))
    eps = torch.randn_like(x0)
    xt = abar[t, None].sqrt() * x0 + (1 - abar[t, None]).sqrt() * eps
    loss = (net(torch.cat([xt, t[:, None] / T], 1)) - eps).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
x = torch.randn(10, 2)
with torch.no_grad():
    for t in reversed(range(T)):
        e = net(torch.cat([x, torch.full((10, 1), t / T)], 1))
        x = (x - beta[t] / (1 - abar[t]).sqrt() * e) / (1 - beta[t]).sqrt()
        if t:
            x = x + beta[t].sqrt() * torch.randn_like(x)
print(x.mean(0))
