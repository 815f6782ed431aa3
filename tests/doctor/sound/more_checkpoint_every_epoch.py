import copy
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.02)
x = torch.randn(30, 3)
y = x[:, :2].prod(1, keepdim=True)
saved = []
for epoch in range(10):
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
    saved.append((copy.deepcopy(net.state_dict()), copy.deepcopy(opt.state_dict())))
net.load_state_dict(saved[4][0])
opt.load_state_dict(saved[4][1])
for epoch in range(5):
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
