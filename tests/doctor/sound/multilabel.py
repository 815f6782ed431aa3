import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(50, 6)
tags = (x[:, :4] > 0.3).float()
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 4))
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for _ in range(20):
    opt.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(net(x), tags).backward()
    opt.step()
with torch.no_grad():
    print((torch.sigmoid(net(x)) > 0.5).float().mean(0))
