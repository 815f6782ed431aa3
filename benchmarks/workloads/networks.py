"""A convolutional network, and recurrent ones."""

from typing import Any

from . import Step, initialise, integers, uniform
from .perceptrons import trained


def cnn(torch: Any) -> tuple[Step, list[Any]]:
    """28×28 images, 32 and 64 channels, batch 64, SGD."""
    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64 * 7 * 7, 10),
    )
    initialise(torch, model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    x, y = uniform(torch, 64, 1, 28, 28, seed=1), integers(torch, 10, 64, seed=2)
    return trained(torch, model, nn.CrossEntropyLoss(), optimizer, x, y)


def lstm(torch: Any) -> tuple[Step, list[Any]]:
    """Hidden 128, 50 steps, batch 32, a classifier on the last state, Adam."""
    nn = torch.nn

    class Classifier(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(64, 128, batch_first=True)
            self.out = nn.Linear(128, 10)

        def forward(self, x):
            states, _ = self.lstm(x)
            return self.out(states[:, -1])

    model = initialise(torch, Classifier())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x, y = uniform(torch, 32, 50, 64, seed=1), integers(torch, 10, 32, seed=2)
    return trained(torch, model, nn.CrossEntropyLoss(), optimizer, x, y)


def gru(torch: Any) -> tuple[Step, list[Any]]:
    """Hidden 16, 100 steps, batch 6, forward and backward only: many small operations."""
    model = initialise(torch, torch.nn.GRU(16, 16))
    x = uniform(torch, 100, 6, 16, seed=1)
    parameters = list(model.parameters())

    def step():
        for p in parameters:
            p.grad = None
        states, _ = model(x)
        loss = (states**2).mean()
        loss.backward()
        return loss

    return step, parameters
