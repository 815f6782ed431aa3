import torch

torch.manual_seed(0)
X, t = torch.randn(25, 2), torch.randn(25)
w = torch.zeros(2, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
for _ in range(15):
    e = X @ w - t
    loss = (e ** 2).mean()
    w.grad = (2 / 25 * X.t() @ e).detach()
    opt.step()
print(loss.item())
