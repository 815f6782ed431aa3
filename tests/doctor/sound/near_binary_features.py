import torch
from torch import nn

torch.manual_seed(0)
x = torch.randint(0, 2, (60, 6)).float()
y = ((x[:, 0] + x[:, 1] + x[:, 2]) >= 2).long()
train_x, test_x, train_y, test_y = x[:40], x[40:], y[:40], y[40:]
net = nn.Linear(6, 2)
opt = torch.optim.SGD(net.parameters(), lr=0.5)
for _ in range(30):
    opt.zero_grad()
    nn.functional.cross_entropy(net(train_x), train_y).backward()
    opt.step()
with torch.no_grad():
    print((net(test_x).argmax(1) == test_y).float().mean())
