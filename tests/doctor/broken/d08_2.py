"""Branches in a dict."""
import torch
from torch import nn


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Linear(4, 8)
        self.heads = {"size": nn.Linear(8, 1), "price": nn.Linear(8, 1)}

    def forward(self, x):
        h = torch.tanh(self.trunk(x))
        return {name: head(h) for name, head in self.heads.items()}


torch.manual_seed(0)
model = TwoHeads()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
x = torch.randn(20, 4)
for i in range(6):
    out = model(x)
    loss = (out["size"] - 1).pow(2).mean() + (out["price"] - x[:, :1]).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
