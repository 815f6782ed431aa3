"""Softmax by hand overflows."""
import torch
from torch import nn

torch.manual_seed(0)
layer = nn.Linear(4, 3)
opt = torch.optim.SGD(layer.parameters(), lr=0.01)
x = torch.randn(12, 4) * 300
y = torch.randint(0, 3, (12,))
for _ in range(3):
    z = layer(x)
    e = z.exp()
    p = e / e.sum(1, keepdim=True)
    loss = nn.functional.nll_loss(torch.log(p + 1e-9), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
