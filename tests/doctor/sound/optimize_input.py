import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 10), nn.Tanh(), nn.Linear(10, 1)).requires_grad_(False)
z = torch.zeros(4, requires_grad=True)
opt = torch.optim.SGD([z], lr=0.1)
for _ in range(25):
    loss = (net(z) - 0.3).pow(2).sum() + 0.01 * z.pow(2).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
