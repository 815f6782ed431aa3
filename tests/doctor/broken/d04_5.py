"""Two optimizers, one of which never steps."""
import torch
from torch import nn

torch.manual_seed(0)
enc, dec = nn.Linear(6, 2), nn.Linear(2, 6)
opt_e = torch.optim.Adam(enc.parameters(), lr=0.01)
opt_d = torch.optim.Adam(dec.parameters(), lr=0.01)
x = torch.rand(30, 6)
for _ in range(10):
    opt_e.zero_grad()
    opt_d.zero_grad()
    loss = nn.functional.mse_loss(dec(torch.tanh(enc(x))), x)
    loss.backward()
    opt_d.step()
