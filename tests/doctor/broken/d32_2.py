"""The square root of 0 has an infinite slope: finite losses, NaN gradients."""
import torch

torch.manual_seed(0)
w = torch.ones(3, requires_grad=True)
opt = torch.optim.Adam([w], lr=0.1)
x = torch.randn(10, 3)
x[4] = 0
for i in range(5):
    d = torch.sqrt(((x * w) ** 2).sum(1))
    loss = (d - 1).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
