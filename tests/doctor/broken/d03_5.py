"""A loop that starts with the step of the last iteration."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
params = [torch.randn(4, 3) * 0.1, torch.zeros(3)]
for p in params:
    p.requires_grad_()
opt = torch.optim.Adagrad(params, lr=0.1)
x = torch.randn(33, 4)
y = torch.randint(0, 3, (33,))
i = 0
while i < 9:
    opt.step()
    for p in params:
        p.grad = None
    F.cross_entropy(x @ params[0] + params[1], y).backward()
    i += 1
