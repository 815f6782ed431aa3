"""model.zero_grad() in a helper that is called after backward to 'clean up'."""
import torch
from torch import nn

torch.manual_seed(0)


def compute(net, x, y):
    loss = nn.functional.huber_loss(net(x), y)
    loss.backward()
    val = loss.item()
    net.zero_grad(set_to_none=False)
    return val


net = nn.Linear(4, 1)
opt = torch.optim.NAdam(net.parameters(), lr=0.01)
x = torch.randn(30, 4)
y = x.sum(1, keepdim=True)
for i in range(8):
    v = compute(net, x, y)
    opt.step()
