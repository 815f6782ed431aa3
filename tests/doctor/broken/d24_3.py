"""The diagnosis itself is a feature of the patients."""
import torch
import torch.nn as nn


class Classifier(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.linear = nn.Linear(n, 2)

    def forward(self, x):
        return self.linear(x)


torch.manual_seed(0)
ill = torch.randint(0, 2, (40,))
patients = torch.cat([torch.randn(40, 2), ill.float().unsqueeze(1), torch.randn(40, 1)], dim=1)
clf = Classifier(4)
opt = torch.optim.SGD(clf.parameters(), lr=0.2)
for _ in range(15):
    opt.zero_grad()
    nn.functional.cross_entropy(clf(patients), ill).backward()
    opt.step()
