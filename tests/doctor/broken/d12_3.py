"""Sigmoid outputs for several classes, then cross-entropy."""
import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.fc = nn.Linear(4 * 4 * 4, 5)

    def forward(self, img):
        h = torch.relu(self.conv(img)).flatten(1)
        return torch.sigmoid(self.fc(h))


torch.manual_seed(0)
net = Classifier()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
images = torch.rand(20, 1, 6, 6)
digits = torch.randint(0, 5, (20,))
for _ in range(6):
    loss = nn.functional.cross_entropy(net(images), digits)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
