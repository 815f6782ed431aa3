"""KL divergence with the arguments exchanged."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
x = torch.randn(30, 5)
goal = torch.softmax(torch.randn(30, 4), dim=1)
net = nn.Linear(5, 4)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(10):
    loss = F.kl_div(goal.log(), F.softmax(net(x), dim=1), reduction="batchmean")
    opt.zero_grad()
    loss.backward()
    opt.step()
