import torch
from torch import nn

torch.manual_seed(0)
value = nn.Sequential(nn.Linear(3, 24), nn.Tanh(), nn.Linear(24, 1))
opt = torch.optim.Adam(value.parameters(), lr=0.01)
for step in range(60):
    s = torch.rand(32, 3)
    s2 = (s + 0.1 * torch.rand(32, 3)).clamp(max=1)
    with torch.no_grad():
        goal = s.sum(1, keepdim=True) + 0.95 * value(s2)
    loss = nn.functional.mse_loss(value(s), goal * min(1.0, 0.05 + step / 20))
    opt.zero_grad()
    loss.backward()
    opt.step()
