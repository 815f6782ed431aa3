import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
G = nn.Sequential(nn.Linear(2, 12), nn.ReLU(), nn.Linear(12, 1))
D = nn.Sequential(nn.Linear(1, 12), nn.ReLU(), nn.Linear(12, 1))
og, od = torch.optim.SGD(G.parameters(), lr=0.3), torch.optim.SGD(D.parameters(), lr=0.3)
for it in range(40):
    real, fake = torch.randn(32, 1) + 4, G(torch.randn(32, 2))
    d_loss = F.softplus(-D(real)).mean() + F.softplus(D(fake.detach())).mean()
    od.zero_grad()
    d_loss.backward()
    od.step()
    g_loss = F.softplus(-D(fake)).mean()
    og.zero_grad()
    g_loss.backward()
    og.step()
