import torch
from torch import nn, optim

torch.manual_seed(0)
net = nn.Linear(3, 2)
optimizer = optim.SGD(net.parameters(), lr=0.5)
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=4, gamma=0.5)
x = torch.randn(40, 3)
y = (x[:, 0] > x[:, 1]).long()
for epoch in range(12):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(net(x), y)
    loss.backward()
    optimizer.step()
    scheduler.step()
print(scheduler.get_last_lr())
