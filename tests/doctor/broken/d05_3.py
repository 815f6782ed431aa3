"""Parameters were cloned into a list for the optimizer."""
import torch
from torch import nn

torch.manual_seed(2)


class Regressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(2))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return x @ self.weight + self.bias


model = Regressor()
params = [p.detach().clone().requires_grad_() for p in model.parameters()]
optimizer = torch.optim.SGD(params, lr=0.05)
x = torch.randn(16, 2)
y = x[:, 0] - x[:, 1]
for i in range(7):
    model.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    optimizer.step()
