"""Multilayer perceptrons from small to wide, and logistic regression on many rows."""

from typing import Any

from . import Step, initialise, integers, uniform


def trained(torch: Any, model: Any, loss_fn: Any, optimizer: Any, x: Any, y: Any) -> tuple[Step, list[Any]]:
    """The usual step: forward, loss, backward, update."""

    def step():
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step, list(model.parameters())


def layers(*sizes: int) -> dict[str, tuple[int, ...]]:
    """The parameters of linear layers, by PyTorch's names."""
    shapes: dict[str, tuple[int, ...]] = {}
    for i, (inputs, outputs) in enumerate(zip(sizes[:-1], sizes[1:], strict=True)):
        shapes |= {f"{2 * i}.weight": (outputs, inputs), f"{2 * i}.bias": (outputs,)}
    return shapes


def small(torch: Any) -> tuple[Step, list[Any]]:
    """16-64-64-1, batch 32, Adam."""
    nn = torch.nn
    model = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    initialise(torch, model)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x, y = uniform(torch, 32, 16, seed=1), uniform(torch, 32, 1, seed=2)
    return trained(torch, model, nn.MSELoss(), optimizer, x, y)


def digits(torch: Any) -> tuple[Step, list[Any]]:
    """784-500-10, batch 100, Adam: the size of the usual first lesson on MNIST."""
    nn = torch.nn
    model = initialise(torch, nn.Sequential(nn.Linear(784, 500), nn.ReLU(), nn.Linear(500, 10)))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x, y = uniform(torch, 100, 784, seed=1), integers(torch, 10, 100, seed=2)
    return trained(torch, model, nn.CrossEntropyLoss(), optimizer, x, y)


def wide(torch: Any) -> tuple[Step, list[Any]]:
    """1024-4096-1024, batch 256, SGD: matrix products."""
    nn = torch.nn
    model = initialise(torch, nn.Sequential(nn.Linear(1024, 4096), nn.ReLU(), nn.Linear(4096, 1024)))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x, y = uniform(torch, 256, 1024, seed=1), uniform(torch, 256, 1024, seed=2)
    return trained(torch, model, nn.MSELoss(), optimizer, x, y)


def logistic(torch: Any) -> tuple[Step, list[Any]]:
    """Logistic regression on 100,000 rows of 50 columns, all in one batch, SGD."""
    nn = torch.nn
    model = initialise(torch, nn.Linear(50, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    x = uniform(torch, 100_000, 50, seed=1)
    y = (x[:, :1] + uniform(torch, 100_000, 1, seed=2) > 0).float()
    return trained(torch, model, nn.BCEWithLogitsLoss(), optimizer, x, y)
