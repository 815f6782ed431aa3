"""tanh with tiny initial weights, in a module list."""
import torch
from torch import nn


class Deep(nn.Module):
    def __init__(self, depth=7, width=10):
        super().__init__()
        self.hidden = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.out = nn.Linear(width, 3)
        for layer in self.hidden:
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        for layer in self.hidden:
            x = torch.tanh(layer(x))
        return self.out(x)


torch.manual_seed(0)
net = Deep()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(40, 10)
y = x[:, :3].argmax(1)
for _ in range(10):
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
