import torch

torch.manual_seed(0)
a = torch.tensor(0.1, requires_grad=True)
b = torch.tensor(0.2, requires_grad=True)
c = torch.tensor(0.3, requires_grad=True)
x = torch.linspace(-2, 2, 40)
y = 0.5 * x ** 2 - x + 1
opt = torch.optim.SGD([a, b, c], lr=0.05)
for i in range(60):
    loss = torch.mean((a * x ** 2 + b * x + c - y) ** 2)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(a.item(), b.item(), c.item())
