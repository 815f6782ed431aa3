"""A model without a nonlinearity for a parabola."""
import torch
import torch.nn as nn

torch.manual_seed(0)
x = torch.linspace(-2, 2, 60).unsqueeze(1)
y = x ** 2
model = nn.Sequential(nn.Linear(1, 20), nn.Linear(20, 1))
opt = torch.optim.Adam(model.parameters(), lr=0.02)
for _ in range(120):
    opt.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    opt.step()
