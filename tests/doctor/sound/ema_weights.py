import copy
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(6, 3)
ema = copy.deepcopy(net).requires_grad_(False)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(45, 6)
y = x[:, :3].argmax(1)
for step in range(20):
    i = torch.randint(0, 45, (15,))
    opt.zero_grad()
    nn.functional.cross_entropy(net(x[i]), y[i]).backward()
    opt.step()
    with torch.no_grad():
        for a, b in zip(ema.parameters(), net.parameters()):
            a.mul_(0.9).add_(b, alpha=0.1)
with torch.no_grad():
    print(ema(x).argmax(1)[:10])
