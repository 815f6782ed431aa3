import torch
from torch import nn

torch.manual_seed(0)
x = torch.linspace(0, 1, 25, dtype=torch.float64).unsqueeze(1)
y = torch.exp(x)
net = nn.Sequential(nn.Linear(1, 10), nn.Tanh(), nn.Linear(10, 1)).double()
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for _ in range(40):
    loss = (net(x) - y).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
