import torch
from torch import nn

torch.manual_seed(0)
G = nn.Sequential(nn.Linear(3, 12), nn.ReLU(), nn.Linear(12, 2))
D = nn.Sequential(nn.Linear(2, 12), nn.LeakyReLU(0.1), nn.Linear(12, 1))
og, od = torch.optim.Adam(G.parameters(), 2e-3), torch.optim.Adam(D.parameters(), 2e-3)
for it in range(12):
    real = torch.randn(20, 2) * 0.3 + 1
    z = torch.randn(20, 3)
    d_loss = torch.relu(1 - D(real)).mean() + torch.relu(1 + D(G(z).detach())).mean()
    od.zero_grad()
    d_loss.backward()
    od.step()
    D.requires_grad_(False)
    og.zero_grad()
    (-D(G(z)).mean()).backward()
    og.step()
    D.requires_grad_(True)
