import torch

torch.manual_seed(0)
x, t = torch.randn(30, 3), torch.randn(30)
w = torch.zeros(3, requires_grad=True)
v = torch.zeros(3)
for _ in range(25):
    loss = (x @ w - t).pow(2).mean()
    loss.backward()
    with torch.no_grad():
        v.mul_(0.9).add_(w.grad)
        w.sub_(0.05 * v)
        w.grad.zero_()
