import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, 2))
opt = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=0.01)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=25)
theta = torch.rand(80) * 6.28
r = torch.cat([torch.full((40,), 1.0), torch.full((40,), 2.0)]) + 0.1 * torch.randn(80)
x = torch.stack([r * theta.cos(), r * theta.sin()], 1)
y = torch.cat([torch.zeros(40), torch.ones(40)]).long()
for _ in range(25):
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    sched.step()
