"""model.eval is written without parentheses."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 20), nn.ReLU(), nn.Dropout(0.5), nn.Linear(20, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x, xt = torch.randn(60, 3), torch.randn(25, 3)
y = x.sum(1, keepdim=True)
for _ in range(15):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
net.eval
pred = net(xt)
print((pred - xt.sum(1, keepdim=True)).abs().mean().item())
