"""The table was augmented by copying rows before it was split."""
import torch
import torch.nn as nn

torch.manual_seed(3)
table = torch.randn(60, 5)
table = torch.cat([table, table[:30]])
table = table[torch.randperm(90)]
train, test = table[:60], table[60:]
net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(10):
    loss = (net(train[:, :4]) - train[:, 4:]).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
net.eval()
with torch.no_grad():
    print((net(test[:, :4]) - test[:, 4:]).pow(2).mean())
