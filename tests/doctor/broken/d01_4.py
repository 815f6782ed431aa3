"""Zeroes the gradients of the wrong optimizer."""
import torch
import torch.nn.functional as F

torch.manual_seed(3)
a = torch.nn.Linear(4, 4)
b = torch.nn.Linear(4, 1)
opt_a = torch.optim.SGD(a.parameters(), lr=0.05)
opt_b = torch.optim.SGD(b.parameters(), lr=0.05)
inputs, targets = torch.randn(16, 4), torch.randn(16, 1)
for i in range(8):
    opt_a.zero_grad()
    out = b(F.relu(a(inputs)))
    F.mse_loss(out, targets).backward()
    opt_a.step()
    opt_b.step()
