"""The target column was not dropped from the features."""
import torch
import torch.nn as nn

torch.manual_seed(0)
table = torch.randn(50, 4)
y = table[:, 3:4] + 0
model = nn.Linear(4, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(20):
    opt.zero_grad()
    nn.functional.mse_loss(model(table), y).backward()
    opt.step()
