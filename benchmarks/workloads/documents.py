"""The founding documents' linear regression, f(x) = 2x from four points, at three rungs of their ladder."""

from typing import Any

from . import Step


def autograd(torch: Any) -> tuple[Step, list[Any]]:
    """Prediction, loss and update by hand; gradients by autograd."""
    x = torch.tensor([1, 2, 3, 4], dtype=torch.float32)
    y = torch.tensor([2, 4, 6, 8], dtype=torch.float32)
    w = torch.tensor(0.0, dtype=torch.float32, requires_grad=True)

    def forward(x):
        return w * x

    def loss(y, y_predicted):
        return ((y_predicted - y) ** 2).mean()

    learning_rate = 0.01

    def step():
        nonlocal w
        y_pred = forward(x)
        l = loss(y, y_pred)  # noqa: E741  # the documents' own names
        l.backward()
        with torch.no_grad():
            w -= learning_rate * w.grad
        w.grad.zero_()
        return l

    return step, [w]


def optimizer(torch: Any) -> tuple[Step, list[Any]]:
    """Prediction by hand; loss and update by the library."""
    x = torch.tensor([1, 2, 3, 4], dtype=torch.float32)
    y = torch.tensor([2, 4, 6, 8], dtype=torch.float32)
    w = torch.tensor(0.0, dtype=torch.float32, requires_grad=True)

    def forward(x):
        return w * x

    loss = torch.nn.MSELoss()
    optimizer = torch.optim.SGD([w], lr=0.01)

    def step():
        y_pred = forward(x)
        l = loss(y, y_pred)  # noqa: E741
        l.backward()
        optimizer.step()
        optimizer.zero_grad()
        return l

    return step, [w]


def linear(torch: Any) -> tuple[Step, list[Any]]:
    """Everything by the library: nn.Linear, MSELoss, SGD."""
    x = torch.tensor([[1], [2], [3], [4]], dtype=torch.float32)
    y = torch.tensor([[2], [4], [6], [8]], dtype=torch.float32)
    model = torch.nn.Linear(1, 1)
    with torch.no_grad():
        model.weight.fill_(-0.5)
        model.bias.fill_(0.25)
    loss = torch.nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

    def step():
        y_predicted = model(x)
        l = loss(y, y_predicted)  # noqa: E741
        l.backward()
        optimizer.step()
        optimizer.zero_grad()
        return l

    return step, list(model.parameters())
