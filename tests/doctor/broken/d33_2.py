"""A custom linear layer that mixes up the gradients' transposes (square matrices, so no error)."""
import torch
from torch import nn


class LinearFn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return x @ w

    @staticmethod
    def backward(ctx, g):
        x, w = ctx.saved_tensors
        return g @ w, x.t() @ g


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(5, 5) * 0.3)

    def forward(self, x):
        return LinearFn.apply(x, self.w)


torch.manual_seed(0)
net = nn.Sequential(Layer(), nn.Tanh(), Layer())
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x, y = torch.randn(20, 5), torch.randn(20, 5)
for _ in range(6):
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
