import torch
from torch import nn


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, lam):
        ctx.lam = lam
        return x.view_as(x)

    @staticmethod
    def backward(ctx, g):
        return -ctx.lam * g, None


torch.manual_seed(0)
feat = nn.Sequential(nn.Linear(4, 8), nn.ReLU())
task, domain = nn.Linear(8, 2), nn.Linear(8, 2)
opt = torch.optim.SGD([p for m in (feat, task, domain) for p in m.parameters()], lr=0.05)
x = torch.randn(40, 4)
y, d = (x[:, 0] > 0.2).long(), torch.randint(0, 2, (40,))
for _ in range(15):
    h = feat(x)
    loss = nn.functional.cross_entropy(task(h), y) + nn.functional.cross_entropy(domain(Reverse.apply(h, 0.3)), d)
    opt.zero_grad()
    loss.backward()
    opt.step()
