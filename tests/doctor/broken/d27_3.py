"""Matrices by hand, far too small."""
import torch

torch.manual_seed(0)
Ws = [torch.nn.Parameter(torch.randn(6, 6) * 0.05) for _ in range(6)]
last = torch.nn.Parameter(torch.randn(6, 1))
opt = torch.optim.SGD([*Ws, last], lr=0.05)
X = torch.randn(25, 6)
y = X.mean(1, keepdim=True) + 1
for step in range(10):
    h = X
    for W in Ws:
        h = torch.relu(h @ W) + 0.01
    loss = (h @ last - y).abs().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
