"""Only the head was given to the optimizer, while the body is meant to learn too."""
import torch
import torch.nn as nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(6, 12)
        self.head = nn.Linear(12, 2)

    def forward(self, x):
        return self.head(torch.relu(self.body(x)))


torch.manual_seed(0)
m = Model()
opt = torch.optim.SGD(m.head.parameters(), lr=0.1)
x, y = torch.randn(40, 6), torch.randint(0, 2, (40,))
for _ in range(10):
    opt.zero_grad()
    nn.functional.cross_entropy(m(x), y).backward()
    opt.step()
