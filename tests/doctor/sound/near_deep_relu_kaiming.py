import torch
from torch import nn

torch.manual_seed(0)
layers = [nn.Linear(6, 20), nn.ReLU()]
for _ in range(6):
    layers += [nn.Linear(20, 20), nn.ReLU()]
net = nn.Sequential(*layers, nn.Linear(20, 1))
for m in net:
    if isinstance(m, nn.Linear):
        nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
        nn.init.zeros_(m.bias)
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
x = torch.randn(50, 6)
y = x.norm(dim=1, keepdim=True)
for _ in range(20):
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
