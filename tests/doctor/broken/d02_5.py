"""The order of the three calls, with a scheduler and clipping in between."""
import torch
from torch import nn

torch.manual_seed(2)
net = nn.GRU(3, 5, batch_first=True)
out = nn.Linear(5, 1)
both = nn.ModuleList([net, out])
opt = torch.optim.Adam(both.parameters(), lr=0.01)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.9)
x = torch.randn(12, 6, 3)
y = x.sum((1, 2)).unsqueeze(1)
for epoch in range(6):
    loss = nn.functional.mse_loss(out(net(x)[0][:, -1]), y)
    loss.backward()
    nn.utils.clip_grad_norm_(both.parameters(), 1.0)
    opt.zero_grad()
    opt.step()
    sched.step()
