import torch
import torch.nn as nn

torch.manual_seed(0)
backbone = nn.Sequential(nn.Linear(8, 16), nn.ReLU())
for p in backbone.parameters():
    p.requires_grad = False
head = nn.Linear(16, 2)
opt = torch.optim.SGD(head.parameters(), lr=0.1)
x, y = torch.randn(40, 8), torch.randint(0, 2, (40,))
for _ in range(12):
    opt.zero_grad()
    nn.functional.cross_entropy(head(backbone(x)), y).backward()
    opt.step()
