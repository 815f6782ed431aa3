import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
gen = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 2))
critic = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(), nn.Linear(16, 1))
og = torch.optim.RMSprop(gen.parameters(), lr=5e-4)
oc = torch.optim.RMSprop(critic.parameters(), lr=5e-4)
for it in range(10):
    for _ in range(2):
        with torch.no_grad():
            fake = gen(torch.randn(24, 4))
        real = torch.randn(24, 2) * 0.5 + 1
        loss_c = critic(fake).mean() - critic(real).mean()
        oc.zero_grad()
        loss_c.backward()
        oc.step()
        for p in critic.parameters():
            p.data.clamp_(-0.1, 0.1)
    loss_g = -critic(gen(torch.randn(24, 4))).mean()
    og.zero_grad()
    loss_g.backward()
    og.step()
