"""Sigmoid in the model and in the loss."""
import torch
import torch.nn as nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 1), nn.Sigmoid())
loss_fn = nn.BCEWithLogitsLoss()
opt = torch.optim.SGD(model.parameters(), lr=0.5)
x = torch.randn(40, 3)
y = (x[:, :1] > 0).float()
for _ in range(15):
    opt.zero_grad()
    loss_fn(model(x), y).backward()
    opt.step()
