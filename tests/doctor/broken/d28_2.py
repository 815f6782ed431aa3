"""A recurrence unrolled for 40 steps with a matrix of norm 2."""
import torch

torch.manual_seed(0)
W = torch.nn.Parameter(torch.eye(4) * 1.5 + 0.1)
opt = torch.optim.SGD([W], lr=1e-9)
x = torch.randn(10, 4)
for step in range(6):
    h = x
    for t in range(25):
        h = h @ W
    loss = h.pow(2).mean().sqrt()
    opt.zero_grad()
    loss.backward()
    opt.step()
