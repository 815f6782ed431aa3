"""F.dropout is always on, because training=self.training is not passed."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 10)
        self.b = nn.Linear(10, 2)

    def forward(self, x):
        return self.b(F.dropout(F.relu(self.a(x)), 0.4))


torch.manual_seed(0)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.02)
x, y = torch.randn(50, 3), torch.randint(0, 2, (50,))
for _ in range(10):
    opt.zero_grad()
    F.cross_entropy(net(x), y).backward()
    opt.step()
net.eval()
with torch.no_grad():
    print(net(torch.randn(25, 3)).argmax(1))
