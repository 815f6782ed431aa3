"""Sigmoids at their ends, because the inputs are in hundreds."""
import torch
import torch.nn as nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 10), nn.Sigmoid(), nn.Linear(10, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.001)
x = torch.randn(40, 3) * 500
y = torch.randn(40, 1)
for _ in range(10):
    opt.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    opt.step()
