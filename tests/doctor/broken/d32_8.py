"""exp of large numbers in a Poisson rate."""
import torch

torch.manual_seed(0)
x = torch.rand(30, 2) * 100
k = torch.poisson(torch.full((30,), 2.0))
w = torch.ones(2, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.001)
for _ in range(3):
    rate = torch.exp(x @ w)
    loss = (rate - k * torch.log(rate)).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
