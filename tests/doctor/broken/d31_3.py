"""A rate that throws the first layer to the ends of its sigmoids."""
import torch

torch.manual_seed(0)
W = torch.randn(4, 9, requires_grad=True)
V = torch.randn(9, 1, requires_grad=True)
opt = torch.optim.SGD([{"params": [W], "lr": 0.01}, {"params": [V], "lr": 0.01}])
X = torch.randn(30, 4) * 40 + 60
T = torch.rand(30, 1)
for _ in range(10):
    H = torch.sigmoid(X @ W)
    loss = ((H @ V - T) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
