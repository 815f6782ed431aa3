"""Convolutional networks, a variational autoencoder, and recurrent networks."""

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


def normalized_cnn(torch: Any) -> tuple[Step, list[Any]]:
    """32×32 images, 16 and 32 channels with batch norm, batch 32, SGD with momentum."""
    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 8 * 8, 10),
    )
    initialise(torch, model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    x, y = uniform(torch, 32, 3, 32, 32, seed=1), integers(torch, 10, 32, seed=2)
    return trained(torch, model, nn.CrossEntropyLoss(), optimizer, x, y)


def autoencoder(torch: Any) -> tuple[Step, list[Any]]:
    """Variational, 784-400-20, batch 128, Adam. The noise is given, so that all frameworks compute the same."""
    nn, F = torch.nn, torch.nn.functional

    class Autoencoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.seen = nn.Linear(784, 400)
            self.mean, self.log_variance = nn.Linear(400, 20), nn.Linear(400, 20)
            self.unfold, self.out = nn.Linear(20, 400), nn.Linear(400, 784)

        def forward(self, x, noise):
            h = F.relu(self.seen(x))
            mean, log_variance = self.mean(h), self.log_variance(h)
            z = mean + noise * torch.exp(0.5 * log_variance)
            return self.out(F.relu(self.unfold(z))), mean, log_variance

    model = initialise(torch, Autoencoder())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x, noise = (uniform(torch, 128, 784, seed=1) + 1) / 2, uniform(torch, 128, 20, seed=2)

    def step():
        optimizer.zero_grad()
        logits, mean, log_variance = model(x, noise)
        likelihood = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        divergence = -0.5 * torch.sum(1 + log_variance - mean.pow(2) - log_variance.exp())
        loss = (likelihood + divergence) / len(x)
        loss.backward()
        optimizer.step()
        return loss

    return step, list(model.parameters())


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
