"""Regression, Adam with lr=3: the first steps blow the loss up."""
import torch
from torch import nn
torch.manual_seed(9)
X = torch.randn(300, 5); y = X[:, :1] ** 2 - X[:, 1:2]
net = nn.Sequential(nn.Linear(5, 32), nn.Tanh(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=3.0)
for ep in range(8):
    for b in torch.randperm(300).split(30):
        opt.zero_grad(); l = nn.functional.mse_loss(net(X[b]), y[b]); l.backward(); opt.step()
    print(ep, l.item())
