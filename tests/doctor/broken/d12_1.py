"""Softmax at the end of the model, then CrossEntropyLoss."""
import torch
import torch.nn as nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 10), nn.ReLU(), nn.Linear(10, 3), nn.Softmax(dim=1))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
x = torch.randn(60, 4)
y = x[:, :3].argmax(1)
for _ in range(20):
    opt.zero_grad()
    nn.CrossEntropyLoss()(model(x), y).backward()
    opt.step()
