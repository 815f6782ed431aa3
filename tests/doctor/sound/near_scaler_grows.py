"""The scale doubles every other step until it overflows, and falls back: the scaled loss jumps, the loss does not."""
import torch
from torch import nn

torch.manual_seed(1)
x = torch.rand(40, 2)
y = (x.sum(1) > 1).float()

net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.05)
scaler = torch.amp.GradScaler("cpu", init_scale=2.0**100, growth_factor=16.0, backoff_factor=0.25, growth_interval=2)
for epoch in range(80):
    with torch.autocast("cpu"):
        loss = nn.functional.binary_cross_entropy_with_logits(net(x).squeeze(1), y)
    opt.zero_grad()
    scaler.scale(loss).backward()
    scaler.unscale_(opt)
    nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    scaler.step(opt)
    scaler.update()
