import torch

torch.manual_seed(0)
w = torch.randn(4, requires_grad=True)
A = torch.diag(torch.tensor([1.0, 2.0, 3.0, 4.0]))
for _ in range(30):
    f = 0.5 * w @ A @ w - w.sum()
    (g,) = torch.autograd.grad(f, w)
    with torch.no_grad():
        w -= 0.2 * g
print(w)
