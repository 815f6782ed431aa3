"""A classifier in mini-batches, as a class; gradients are zeroed once, before the loop."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 16)
        self.fc2 = nn.Linear(16, 3)

    def forward(self, x):
        return self.fc2(torch.tanh(self.fc1(x)))


torch.manual_seed(1)
X = torch.randn(90, 2)
labels = (X[:, 0] > 0).long() + (X[:, 1] > 0).long()
loader = DataLoader(TensorDataset(X, labels), batch_size=30, shuffle=True)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
opt.zero_grad()
for epoch in range(5):
    for xb, yb in loader:
        loss = nn.CrossEntropyLoss()(net(xb), yb)
        loss.backward()
        opt.step()
