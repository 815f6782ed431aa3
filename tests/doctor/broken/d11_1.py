"""Predictions (N, 1), targets (N,): mse_loss warns and averages N² differences."""
import torch
import torch.nn as nn

torch.manual_seed(0)
x = torch.randn(40, 2)
y = x[:, 0] - 2 * x[:, 1]
model = nn.Linear(2, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(20):
    opt.zero_grad()
    loss = nn.MSELoss()(model(x), y)
    loss.backward()
    opt.step()
