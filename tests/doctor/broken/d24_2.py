"""The price in euros is among the features for the price in dollars."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
features = torch.rand(64, 3)
dollars = features @ torch.tensor([3.0, 1.0, 2.0]) + 0.2 * torch.randn(64)
features = torch.cat([features, (dollars * 0.9).unsqueeze(1)], dim=1)
net = nn.Sequential(nn.Linear(4, 10), nn.ReLU(), nn.Linear(10, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(4):
    for xb, yb in DataLoader(TensorDataset(features, dollars), batch_size=16, shuffle=True):
        opt.zero_grad()
        nn.functional.mse_loss(net(xb).squeeze(1), yb).backward()
        opt.step()
