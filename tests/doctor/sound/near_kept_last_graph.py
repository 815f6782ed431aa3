import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(20, 3)
y = x.sum(1, keepdim=True)
best_loss, best = None, None
for i in range(20):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if best is None or loss < best_loss:
        best_loss, best = loss, i
print(best, best_loss.item())
