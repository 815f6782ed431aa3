"""Every row is the first row: the index does not advance."""
import torch

torch.manual_seed(0)
source = torch.randn(30, 3)
rows = torch.stack([source[0] for i in range(30)])
target = source.sum(1)
W = torch.zeros(3, requires_grad=True)
opt = torch.optim.SGD([W], lr=0.05)
for _ in range(10):
    loss = ((rows @ W - target) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
