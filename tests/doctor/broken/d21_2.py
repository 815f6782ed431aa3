"""Pixels from 0 to 255 straight into a network."""
import torch
from torch import nn

torch.manual_seed(0)
images = torch.randint(0, 256, (40, 64)).float()
digits = torch.randint(0, 10, (40,))
net = nn.Sequential(nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.01)
for _ in range(15):
    opt.zero_grad()
    loss = nn.CrossEntropyLoss()(net(images), digits)
    loss.backward()
    opt.step()
