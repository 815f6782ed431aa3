import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
x = torch.randn(16, 5, 4)
tags = torch.randint(0, 3, (16, 5))
tags[:, 4] = -100
net = nn.Sequential(nn.Linear(4, 12), nn.ReLU(), nn.Linear(12, 3))
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for _ in range(12):
    logits = net(x)
    loss = F.cross_entropy(logits.reshape(-1, 3), tags.reshape(-1), ignore_index=-100)
    opt.zero_grad()
    loss.backward()
    opt.step()
