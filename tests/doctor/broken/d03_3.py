"""A Trainer class with the calls in the wrong order."""
import torch
from torch import nn


class Trainer:
    def __init__(self, model, lr):
        self.model = model
        self.optim = torch.optim.AdamW(model.parameters(), lr=lr)
        self.loss_fn = nn.CrossEntropyLoss()

    def fit(self, x, y, epochs):
        for _ in range(epochs):
            self.optim.zero_grad()
            self.optim.step()
            loss = self.loss_fn(self.model(x), y)
            loss.backward()


torch.manual_seed(4)
x = torch.rand(40, 6)
y = torch.randint(0, 4, (40,))
Trainer(nn.Sequential(nn.Linear(6, 12), nn.GELU(), nn.Linear(12, 4)), 1e-3).fit(x, y, 8)
