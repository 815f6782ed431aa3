"""Only list layers: the optimizer gets no parameters at all, and the program fails."""
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.stack = [nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1)]

    def forward(self, x):
        for f in self.stack:
            x = f(x)
        return x


torch.manual_seed(0)
net = Net()
print(net(torch.zeros(1, 2)))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
