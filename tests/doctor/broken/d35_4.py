"""A dataset that hands out NumPy's float64; the loss mixes it with float32 predictions."""
import numpy as np
import torch
from torch import nn

torch.manual_seed(0)
t = np.linspace(0, 1, 40)
x = torch.as_tensor(t, dtype=torch.float32).unsqueeze(1)
y = torch.as_tensor(np.sin(5 * t)).unsqueeze(1)
net = nn.Sequential(nn.Linear(1, 12), nn.Tanh(), nn.Linear(12, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for _ in range(20):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
