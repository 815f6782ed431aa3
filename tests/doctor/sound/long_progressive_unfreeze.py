import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 12), nn.ReLU(), nn.Linear(12, 12), nn.ReLU(), nn.Linear(12, 2))
for p in net.parameters():
    p.requires_grad = False
net[4].requires_grad_(True)
opt = torch.optim.SGD(net[4].parameters(), lr=0.1)
x = torch.randn(50, 4)
y = (x[:, 0] * x[:, 1] > 0).long()
for epoch in range(16):
    if epoch == 6:
        net[2].requires_grad_(True)
        opt.add_param_group({"params": net[2].parameters(), "lr": 0.05})
    opt.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    opt.step()
