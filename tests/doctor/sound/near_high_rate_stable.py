import torch

torch.manual_seed(0)
x = torch.randn(40, 2) * 0.1
y = x @ torch.tensor([4.0, -3.0])
w = torch.zeros(2, requires_grad=True)
opt = torch.optim.SGD([w], lr=50.0)
for _ in range(30):
    opt.zero_grad()
    ((x @ w - y) ** 2).mean().backward()
    opt.step()
print(w)
