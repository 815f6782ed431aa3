"""binary_cross_entropy(labels, probabilities)."""
import torch
import torch.nn as nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 1), nn.Sigmoid())
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(24, 3)
y = (x[:, :1] > 0).float()
for _ in range(10):
    opt.zero_grad()
    nn.BCELoss()(y, net(x)).backward()
    opt.step()
