import torch
from torch import nn

torch.manual_seed(0)
body = nn.Sequential(nn.Linear(6, 20), nn.ReLU()).eval()
probe = nn.Linear(20, 2)
opt = torch.optim.SGD(probe.parameters(), lr=0.1, momentum=0.9)
x = torch.randn(50, 6)
y = (x[:, :2].sum(1) > 0).long()
with torch.no_grad():
    features = body(x)
for _ in range(20):
    opt.zero_grad()
    nn.functional.cross_entropy(probe(features), y).backward()
    opt.step()
