import torch
from torch import nn

torch.manual_seed(0)
basis = torch.randn(3, 12)
data = torch.randn(80, 3) @ basis
model = nn.Sequential(nn.Linear(12, 3), nn.Linear(3, 12))
opt = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(40):
    loss = nn.functional.mse_loss(model(data), data)
    opt.zero_grad()
    loss.backward()
    opt.step()
