"""w.grad is set by hand, with the wrong sign for the bias."""
import torch

torch.manual_seed(0)
x = torch.randn(30)
y = 2 * x + 0.5
w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
opt = torch.optim.SGD([w, b], lr=0.1)
for i in range(10):
    pred = w * x + b
    loss = ((pred - y) ** 2).mean()
    with torch.no_grad():
        d = 2 * (pred - y)
        w.grad = (d * x).mean().reshape(1)
        b.grad = -d.mean().reshape(1)
    opt.step()
