"""Binary labels with CrossEntropyLoss on one output, squeezed to floats."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(36, 5)
y = (x[:, 0] > 0).float().unsqueeze(1)
for _ in range(8):
    loss = nn.CrossEntropyLoss()(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
