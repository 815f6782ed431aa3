"""Weights drawn with standard deviation 1 in a wide deep network."""
import torch
import torch.nn as nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
for p in model.parameters():
    nn.init.normal_(p, std=1.0)
opt = torch.optim.SGD(model.parameters(), lr=1e-12)
x, y = torch.randn(40, 30), torch.randn(40, 1)
for _ in range(8):
    opt.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    opt.step()
