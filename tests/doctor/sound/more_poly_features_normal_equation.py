import torch

torch.manual_seed(0)
x = torch.linspace(-1, 1, 25)
y = 1 + x - 2 * x ** 3 + 0.05 * torch.randn(25)
A = torch.stack([x ** k for k in range(4)], 1)
w = torch.linalg.lstsq(A, y[:, None]).solution
print(w.squeeze(), (A @ w - y[:, None]).pow(2).mean())
