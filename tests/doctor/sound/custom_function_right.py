import torch


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x ** 3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * x ** 2 * g


torch.manual_seed(0)
a = torch.randn(5, requires_grad=True)
opt = torch.optim.SGD([a], lr=0.01)
for _ in range(20):
    loss = (Cube.apply(a) - 1).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
