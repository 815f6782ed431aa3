"""A ratio whose denominator can be 0, hidden by torch.where: the gradient is NaN all the same."""
import torch

torch.manual_seed(0)
a = torch.nn.Parameter(torch.tensor([0.0, 1.0, 2.0]))
opt = torch.optim.SGD([a], lr=0.1)
for _ in range(4):
    y = torch.where(a > 0, 1 / a, torch.zeros(3))
    loss = (y - 0.3).pow(2).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
