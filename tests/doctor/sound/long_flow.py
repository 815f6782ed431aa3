import torch
from torch import nn


class Coupling(nn.Module):
    def __init__(self, flip):
        super().__init__()
        self.flip, self.net = flip, nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 2))

    def forward(self, x):
        a, b = (x[:, 1:], x[:, :1]) if self.flip else (x[:, :1], x[:, 1:])
        s, t = self.net(a).chunk(2, 1)
        b = b * torch.exp(s) + t
        return torch.cat([b, a] if self.flip else [a, b], 1), s.sum(1)


torch.manual_seed(0)
layers = nn.ModuleList(Coupling(i % 2 == 0) for i in range(3))
opt = torch.optim.Adam(layers.parameters(), lr=5e-3)
data = torch.randn(100, 2) * torch.tensor([1.0, 0.3]) + torch.tensor([0.0, 1.0])
for _ in range(25):
    z, logdet = data, 0
    for layer in layers:
        z, s = layer(z)
        logdet = logdet + s
    loss = (0.5 * z.pow(2).sum(1) - logdet).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
