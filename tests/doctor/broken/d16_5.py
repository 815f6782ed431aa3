"""Ten digits, nine outputs."""
import torch
from torch import nn

torch.manual_seed(0)
digits = torch.arange(40) % 10
x = torch.randn(40, 16)
net = nn.Sequential(nn.Linear(16, 20), nn.ReLU(), nn.Linear(20, 9))
opt = torch.optim.Adam(net.parameters())
loss = nn.functional.cross_entropy(net(x), digits)
opt.zero_grad()
loss.backward()
opt.step()
