"""Weight decay and lr mixed up: the lr is 1e-6 and the weight decay 0.01."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 10), nn.ReLU(), nn.Linear(10, 1))
opt = torch.optim.SGD(net.parameters(), 1e-6, weight_decay=0.01)
x = torch.randn(50, 4)
y = x[:, :2].sum(1, keepdim=True) * 3 + 2
for _ in range(30):
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
