"""The forward pass runs under no_grad up to the last layer."""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(6, 12), nn.ReLU())
        self.classifier = nn.Linear(12, 2)

    def forward(self, x):
        with torch.no_grad():
            h = self.features(x)
        return self.classifier(h)


torch.manual_seed(0)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x, y = torch.randn(30, 6), torch.randint(0, 2, (30,))
for _ in range(8):
    opt.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    opt.step()
