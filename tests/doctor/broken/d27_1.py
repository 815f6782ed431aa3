"""Ten sigmoid layers."""
import torch
import torch.nn as nn

torch.manual_seed(0)
layers = []
for i in range(10):
    layers += [nn.Linear(8, 8), nn.Sigmoid()]
model = nn.Sequential(*layers, nn.Linear(8, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(30, 8)
y = x[:, :1] * x[:, 1:2]
for _ in range(12):
    opt.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    opt.step()
