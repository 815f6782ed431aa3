import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 12), nn.GELU(), nn.Linear(12, 1))
opt = torch.optim.Adam(model.parameters(), lr=0.05)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1.0, s / 5))
x = torch.rand(50, 2)
y = (x ** 2).sum(1, keepdim=True)
for step in range(25):
    opt.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    opt.step()
    sched.step()
