import math
import torch
from torch import nn

torch.manual_seed(1)
n = 200
t = math.pi * torch.rand(n)
side = torch.arange(n) % 2
x = torch.stack([torch.cos(t), torch.sin(t)], dim=1)
x[side == 1] = torch.stack([1 - torch.cos(t), 0.5 - torch.sin(t)], dim=1)[side == 1]
x = x + 0.12 * torch.randn(n, 2)
y = side


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.ReLU())
        self.out = nn.Linear(16, 2)

    def forward(self, x):
        return self.out(self.hidden(x))


model = Classifier()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 150)
for epoch in range(150):
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
print(loss.item(), (model(x).argmax(1) == y).float().mean().item())
