import torch
from torch import nn

torch.manual_seed(0)
actor, critic = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1), nn.Tanh()), nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1))
oa, oc = torch.optim.Adam(actor.parameters(), lr=0.005), torch.optim.Adam(critic.parameters(), lr=0.01)
for step in range(30):
    s = torch.randn(32, 2)
    with torch.no_grad():
        a = actor(s) + 0.3 * torch.randn(32, 1)
    r = -((a - 0.5 * s[:, :1]) ** 2)
    loss = nn.functional.mse_loss(critic(torch.cat([s, a], 1)), r)
    oc.zero_grad()
    loss.backward()
    oc.step()
    gain = critic(torch.cat([s, actor(s)], 1)).mean()
    oa.zero_grad()
    (-gain).backward()
    oa.step()
