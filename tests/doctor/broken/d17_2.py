"""Squeezed scores and float labels: one sample with 32 classes."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(32, 4)
y = (x.sum(1) > 0).float()
for _ in range(10):
    loss = F.cross_entropy(net(x).squeeze(), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
