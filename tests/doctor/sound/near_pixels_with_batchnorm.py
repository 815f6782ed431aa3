import torch
from torch import nn

torch.manual_seed(0)
images = torch.randint(0, 256, (48, 1, 6, 6)).float()
labels = (images.mean((1, 2, 3)) > 127).long()
net = nn.Sequential(nn.BatchNorm2d(1), nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for _ in range(15):
    i = torch.randperm(48)[:24]
    opt.zero_grad()
    nn.functional.cross_entropy(net(images[i]), labels[i]).backward()
    opt.step()
