import torch
from torch import nn


class MLP(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return self.layers[-1](x)


torch.manual_seed(0)
net = MLP([2, 16, 16, 1])
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.rand(64, 2) * 2 - 1
y = torch.sin(3 * x[:, :1]) * x[:, 1:]
for _ in range(30):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad(set_to_none=True)
    loss.backward()
    opt.step()
