"""KLDivLoss gets raw scores."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(4, 5)
goal = torch.softmax(torch.randn(25, 5), 1)
crit = nn.KLDivLoss(reduction="batchmean")
opt = torch.optim.SGD(net.parameters(), lr=0.05)
x = torch.randn(25, 4)
for _ in range(8):
    opt.zero_grad()
    crit(net(x), goal).backward()
    opt.step()
