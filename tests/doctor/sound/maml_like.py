import torch
import torch.nn.functional as F

torch.manual_seed(0)
W = torch.randn(1, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
meta = torch.optim.Adam([W, b], lr=0.02)
for step in range(12):
    total = 0.0
    for task in range(3):
        slope = torch.rand(1) * 2
        x = torch.randn(10, 1)
        inner = F.mse_loss(x @ W + b, slope * x)
        gW, gb = torch.autograd.grad(inner, (W, b), create_graph=True)
        x2 = torch.randn(10, 1)
        total = total + F.mse_loss(x2 @ (W - 0.1 * gW) + b - 0.1 * gb, slope * x2)
    meta.zero_grad()
    total.backward()
    meta.step()
