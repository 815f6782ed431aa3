import torch
from torch import nn
import copy

torch.manual_seed(0)
q = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 2))
target = copy.deepcopy(q)
opt = torch.optim.Adam(q.parameters(), lr=0.01)
for step in range(20):
    s, s2 = torch.rand(16, 3), torch.rand(16, 3)
    a = torch.randint(0, 2, (16, 1))
    r = torch.where(a.squeeze(1) == (s[:, 0] > 0.5), 1.0, 0.0)
    with torch.no_grad():
        best = target(s2).max(1).values
    value = q(s).gather(1, a).squeeze(1)
    loss = nn.functional.smooth_l1_loss(value, r + 0.5 * best)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 5 == 0:
        target.load_state_dict(q.state_dict())
