"""A small model on small minibatches: what the data loader costs."""

from collections.abc import Callable
from typing import Any

from . import Step, initialise, minibatches, uniform

ROWS, SIZE = 1000, 10


def epoch(torch: Any, compile: Callable[[Any], Any] = lambda part: part) -> tuple[Step, list[Any]]:
    """100 minibatches of 10 rows in an order drawn once, MLP 16-32-1, SGD. Returned is the last minibatch's loss.

    What may be compiled is the step on a minibatch; ``step.loader`` is what gives them.
    """
    nn = torch.nn
    model = initialise(torch, nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 1)))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    loss_fn = nn.MSELoss()
    data = torch.utils.data.TensorDataset(uniform(torch, ROWS, 16, seed=1), uniform(torch, ROWS, 1, seed=2))
    order = [int(row) for rows in minibatches(ROWS, SIZE, seed=3) for row in rows]
    loader = torch.utils.data.DataLoader(data, batch_size=SIZE, sampler=order)

    def on_minibatch(x, y):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    train = compile(on_minibatch)

    def step():
        for x, y in loader:
            loss = train(x, y)
        return loss

    step.loader = loader
    return step, list(model.parameters())
