import torch

torch.manual_seed(0)
x = torch.randn(40)
y = 1.5 * x - 0.5
w, b = torch.zeros(1), torch.zeros(1)
for _ in range(40):
    err = w * x + b - y
    w -= 0.1 * 2 * (err * x).mean()
    b -= 0.1 * 2 * err.mean()
print(w, b)
