import torch
from torch.autograd import Function, gradcheck


class Softsquare(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x / (1 + x.abs())

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * x * (2 + x.abs()) / (1 + x.abs()) ** 2


torch.manual_seed(0)
x = torch.randn(6, dtype=torch.float64, requires_grad=True)
print(gradcheck(Softsquare.apply, (x,)))
