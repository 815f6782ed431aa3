"""Plain tensors with requires_grad in a list of (weight, bias) pairs."""
import torch
from torch import nn


class Poly(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.coef = [(torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)) for _ in range(2)]

    def forward(self, x):
        total = 0
        for i, (a, b) in enumerate(self.coef):
            total = total + a * x ** (i + 1) + b
        return self.scale * total + self.scale


model = Poly()
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.linspace(-1, 1, 20)
y = 3 * x + x ** 2
for _ in range(10):
    opt.zero_grad()
    ((model(x) - y) ** 2).mean().backward()
    opt.step()
