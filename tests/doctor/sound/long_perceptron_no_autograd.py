import torch

torch.manual_seed(0)
x = torch.randn(40, 2)
y = torch.sign(x[:, 0] + 0.5 * x[:, 1])
w = torch.zeros(2)
for epoch in range(5):
    for xi, yi in zip(x, y):
        if yi * (w @ xi) <= 0:
            w += yi * xi
print(w, (torch.sign(x @ w) == y).float().mean())
