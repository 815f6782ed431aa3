"""Hidden layers in a Python list."""
import torch
import torch.nn as nn


class MLP(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = [nn.Linear(a, b) for a, b in zip(sizes[:-2], sizes[1:-1])]
        self.out = nn.Linear(sizes[-2], sizes[-1])

    def forward(self, x):
        for layer in self.layers:
            x = torch.relu(layer(x))
        return self.out(x)


torch.manual_seed(0)
mlp = MLP([3, 16, 16, 1])
opt = torch.optim.Adam(mlp.parameters(), lr=0.01)
x = torch.randn(40, 3)
y = torch.sin(x).sum(1, keepdim=True)
for _ in range(10):
    opt.zero_grad()
    nn.functional.mse_loss(mlp(x), y).backward()
    opt.step()
