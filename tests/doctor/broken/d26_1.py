"""A learning rate of 1e-7."""
import torch
import torch.nn as nn

torch.manual_seed(0)
model = nn.Linear(3, 1)
opt = torch.optim.SGD(model.parameters(), lr=1e-7)
x = torch.randn(40, 3)
y = 2 * x.sum(1, keepdim=True) + 1
for _ in range(40):
    opt.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    opt.step()
