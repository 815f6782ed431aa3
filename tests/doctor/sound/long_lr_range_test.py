import math
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(64, 3)
y = x.sum(1, keepdim=True)
net = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.SGD(net.parameters(), lr=1e-5)
log = []
for i in range(40):
    loss = nn.functional.mse_loss(net(x), y)
    if not math.isfinite(loss.item()) or log and loss.item() > 20 * log[0][1]:
        break
    opt.zero_grad()
    loss.backward()
    opt.step()
    log.append((opt.param_groups[0]["lr"], loss.item()))
    opt.param_groups[0]["lr"] *= 1.5
print(min(log, key=lambda p: p[1]))
