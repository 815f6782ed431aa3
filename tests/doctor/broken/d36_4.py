"""The outputs are squeezed into 0 … 1 by a sigmoid, the targets go to 10."""
import torch
import torch.nn as nn

torch.manual_seed(0)
x = torch.rand(50, 3)
y = 10 * x[:, 0]
model = nn.Sequential(nn.Linear(3, 10), nn.ReLU(), nn.Linear(10, 1), nn.Sigmoid())
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(60):
    opt.zero_grad()
    nn.functional.mse_loss(model(x).squeeze(1), y).backward()
    opt.step()
