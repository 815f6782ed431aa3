"""A missing value in the data."""
import torch
import torch.nn as nn

torch.manual_seed(0)
x = torch.randn(30, 3)
x[7, 1] = float("nan")
y = torch.randn(30, 1)
model = nn.Linear(3, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(3):
    opt.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    opt.step()
