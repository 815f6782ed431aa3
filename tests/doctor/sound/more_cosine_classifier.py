import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
protos = nn.Parameter(torch.randn(3, 5))
net = nn.Sequential(nn.Linear(4, 10), nn.ReLU(), nn.Linear(10, 5))
opt = torch.optim.Adam([protos, *net.parameters()], lr=0.01)
x = torch.randn(60, 4)
y = x[:, :3].argmax(1)
for _ in range(15):
    scores = 10 * F.normalize(net(x), dim=1) @ F.normalize(protos, dim=1).t()
    loss = F.cross_entropy(scores, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
