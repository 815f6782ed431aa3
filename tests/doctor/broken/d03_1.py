"""step before backward, after zero_grad: every step is empty."""
import torch
import torch.nn as nn

torch.manual_seed(0)
net = nn.Linear(2, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(20, 2)
y = x.sum(dim=1, keepdim=True)
for epoch in range(10):
    opt.zero_grad()
    loss = nn.MSELoss()(net(x), y)
    opt.step()
    loss.backward()
