import torch

torch.manual_seed(1)
X = torch.rand(30, 2)
t = X @ torch.tensor([3.0, -1.0]) + 2
w = torch.zeros(2, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for i in range(60):
    loss = (X @ w + b - t).pow(2).mean()
    w.grad = b.grad = None
    loss.backward()
    w.data -= 0.3 * w.grad.data
    b.data -= 0.3 * b.grad.data
