import torch

torch.manual_seed(0)
X = torch.cat([torch.ones(40, 1), torch.randn(40, 2)], dim=1)
y = X @ torch.tensor([1.0, 2.0, -3.0])
w = torch.zeros(3, requires_grad=True)
for _ in range(50):
    loss = ((X @ w - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        w.grad = None
