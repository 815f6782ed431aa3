"""Validation without no_grad."""
import torch
import torch.nn as nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Dropout(0.1), nn.Linear(8, 1))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
x, y = torch.randn(60, 3), torch.randn(60, 1)
xv, yv = torch.randn(30, 3), torch.randn(30, 1)
for epoch in range(5):
    model.train()
    opt.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    opt.step()
    model.eval()
    print(nn.functional.mse_loss(model(xv), yv).item())
