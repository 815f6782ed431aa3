"""A custom loss whose backward divides by the wrong count."""
import torch
from torch import nn


class MSE(torch.autograd.Function):
    @staticmethod
    def forward(ctx, pred, target):
        ctx.save_for_backward(pred, target)
        return ((pred - target) ** 2).mean()

    @staticmethod
    def backward(ctx, g):
        pred, target = ctx.saved_tensors
        return g * 2 * (pred - target) / pred.shape[0], None


torch.manual_seed(0)
net = nn.Linear(3, 4)
opt = torch.optim.SGD(net.parameters(), lr=0.05)
x, y = torch.randn(15, 3), torch.randn(15, 4)
for _ in range(6):
    opt.zero_grad()
    MSE.apply(net(x), y).backward()
    opt.step()
