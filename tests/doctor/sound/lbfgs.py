import torch

torch.manual_seed(0)
x = torch.linspace(-1, 1, 30)
y = 1 - 2 * x + 3 * x ** 2
c = torch.zeros(3, requires_grad=True)
opt = torch.optim.LBFGS([c], max_iter=20)


def closure():
    opt.zero_grad()
    loss = ((c[0] + c[1] * x + c[2] * x ** 2 - y) ** 2).mean()
    loss.backward()
    return loss


for _ in range(3):
    opt.step(closure)
print(c)
