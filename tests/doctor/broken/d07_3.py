"""The encoder's output is detached on the way to the decoder."""
import torch
from torch import nn


class AutoEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(8, 3), nn.Tanh())
        self.decoder = nn.Linear(3, 8)

    def forward(self, x):
        code = self.encoder(x).detach()
        return self.decoder(code)


torch.manual_seed(0)
ae = AutoEncoder()
opt = torch.optim.Adam(ae.parameters(), lr=1e-2)
data = torch.rand(50, 8)
for epoch in range(10):
    recon = ae(data)
    loss = ((recon - data) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
