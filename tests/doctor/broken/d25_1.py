"""Least squares with a learning rate just beyond the limit."""
import torch
import torch.nn as nn

torch.manual_seed(0)
x = torch.randn(40, 3) * 2
y = x.sum(1, keepdim=True)
model = nn.Linear(3, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.5)
for _ in range(25):
    opt.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    opt.step()
print(loss.item())
