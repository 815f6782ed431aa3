"""The optimizer was made for one model, another is trained."""
import torch
import torch.nn as nn


def make():
    return nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))


torch.manual_seed(0)
model = make()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
model = make()
x = torch.randn(20, 2)
y = x.prod(1, keepdim=True)
for _ in range(10):
    opt.zero_grad()
    loss = ((model(x) - y) ** 2).mean()
    loss.backward()
    opt.step()
