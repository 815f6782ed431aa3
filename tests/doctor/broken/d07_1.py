"""A layer is made and not used in forward."""
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(5, 10)
        self.fc2 = nn.Linear(10, 10)
        self.out = nn.Linear(10, 1)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        return self.out(x)


torch.manual_seed(0)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(30, 5)
y = x.mean(1, keepdim=True)
for i in range(8):
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
