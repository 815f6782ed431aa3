import torch
from torch import nn

torch.manual_seed(0)
x = torch.cat([torch.randn(40, 2) - 1, torch.randn(40, 2) + 1])
y = torch.cat([torch.zeros(40), torch.ones(40)])
w, b = torch.zeros(2, requires_grad=True), torch.zeros(1, requires_grad=True)
opt = torch.optim.SGD([w, b], lr=0.1)
for epoch in range(3):
    order = torch.randperm(80)
    for i in range(0, 80, 16):
        k = order[i:i + 16]
        opt.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(x[k] @ w + b, y[k]).backward()
        opt.step()
