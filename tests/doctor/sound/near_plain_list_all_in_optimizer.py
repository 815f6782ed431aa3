import torch
from torch import nn


class Ensemble:
    def __init__(self, n):
        self.members = [nn.Linear(3, 1) for _ in range(n)]

    def __call__(self, x):
        return torch.stack([m(x) for m in self.members]).mean(0)


torch.manual_seed(0)
model = Ensemble(3)
opt = torch.optim.SGD([p for m in model.members for p in m.parameters()], lr=0.1)
x = torch.randn(20, 3)
y = x.sum(1, keepdim=True)
for _ in range(15):
    opt.zero_grad()
    ((model(x) - y) ** 2).mean().backward()
    opt.step()
