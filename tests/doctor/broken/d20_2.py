"""Slices of sorted data, by hand."""
import torch

torch.manual_seed(0)
X = torch.cat([torch.rand(50, 3), torch.rand(50, 3) + 0.5])
t = torch.cat([torch.zeros(50), torch.ones(50)])
w = torch.zeros(3, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
opt = torch.optim.SGD([w, b], lr=0.2)
for epoch in range(2):
    for start in range(0, 100, 10):
        xb, tb = X[start:start + 10], t[start:start + 10]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(xb @ w + b, tb)
        opt.zero_grad()
        loss.backward()
        opt.step()
