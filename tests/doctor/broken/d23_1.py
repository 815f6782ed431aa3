"""Shuffled before splitting with overlapping slices."""
import torch
import torch.nn as nn

torch.manual_seed(0)
x = torch.randn(100, 3)
y = x.sum(1, keepdim=True)
x_train, y_train = x[:80], y[:80]
x_test, y_test = x[70:], y[70:]
model = nn.Linear(3, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(15):
    opt.zero_grad()
    nn.functional.mse_loss(model(x_train), y_train).backward()
    opt.step()
with torch.no_grad():
    print(nn.functional.mse_loss(model(x_test), y_test).item())
