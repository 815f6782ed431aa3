import copy
import torch
from torch import nn

torch.manual_seed(0)
x, v = torch.randn(50, 4), torch.randn(25, 4)
f = lambda z: z[:, :1] * 2 - z[:, 1:2] ** 2
y, w = f(x), f(v)
net = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.02)
best, state, patience = float("inf"), None, 0
for epoch in range(40):
    net.train()
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
    net.eval()
    with torch.no_grad():
        val = nn.functional.mse_loss(net(v), w).item()
    if val < best:
        best, state, patience = val, copy.deepcopy(net.state_dict()), 0
    else:
        patience += 1
        if patience > 5:
            break
net.load_state_dict(state)
