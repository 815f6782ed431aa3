import torch

torch.manual_seed(0)
x = torch.cat([torch.randn(30, 2) + 1.5, torch.randn(30, 2) - 1.5])
y = torch.cat([torch.ones(30), -torch.ones(30)])
w, b = torch.zeros(2, requires_grad=True), torch.zeros((), requires_grad=True)
opt = torch.optim.SGD([w, b], lr=0.1)
for _ in range(30):
    i = torch.randperm(60)[:20]
    margin = y[i] * (x[i] @ w + b)
    loss = torch.clamp(1 - margin, min=0).mean() + 0.01 * w @ w
    opt.zero_grad()
    loss.backward()
    opt.step()
