"""Small functions and steps of one idea each, whose programs and loops are kept in golden/.

A builder seeds what it draws and gives the step and the tensors that it changes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import chainrule as torch
from chainrule import nn
from chainrule.nn import functional as F

Built = tuple[Callable[[], Any], list[Any]]
STEPS: dict[str, Callable[[], Built]] = {}


def case(build: Callable[[], Built]) -> Callable[[], Built]:
    STEPS[build.__name__] = build
    return build


def drawn(*shape: int, **options: Any) -> Any:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)), **options)


def parameter(*shape: int, **options: Any) -> Any:
    return drawn(*shape, **options).requires_grad_()


# ---------------------------------------------------------------------- elementwise


@case
def elementwise_chain() -> Built:
    x = drawn(20)

    def step():
        return torch.exp(-x * x) * 0.5 + torch.tanh(x)

    return step, []


@case
def elementwise_backward() -> Built:
    x = parameter(20)

    def step():
        x.grad = None
        y = (torch.sigmoid(x) * x).sum()
        y.backward()
        return y

    return step, [x]


@case
def broadcast_of_a_row_and_a_column() -> Built:
    row, column = drawn(5), drawn(3, 1)

    def step():
        return row * column + 1

    return step, []


@case
def broadcast_backward() -> Built:
    row, column = parameter(5), parameter(3, 1)

    def step():
        row.grad = column.grad = None
        y = (row * column).sum()
        y.backward()
        return y

    return step, [row, column]


@case
def choice_by_a_mask() -> Built:
    x = drawn(6, 4)
    mask = x > 0

    def step():
        return torch.where(mask & (x < 1), x, -0.5 * x)

    return step, []


@case
def double_precision() -> Built:
    x = parameter(9, dtype=torch.float64)

    def step():
        x.grad = None
        y = (x * x + torch.sqrt(x.abs() + 1)).mean()
        y.backward()
        return y

    return step, [x]


@case
def two_precisions() -> Built:
    x, y = drawn(7), drawn(7, dtype=torch.float64)

    def step():
        return x * 2 + y

    return step, []


# ---------------------------------------------------------------------- sums and extremes


@case
def row_sums() -> Built:
    x = drawn(4, 20)

    def step():
        return x.sum(1)

    return step, []


@case
def column_sums() -> Built:
    x = drawn(4, 20)

    def step():
        return x.sum(0)

    return step, []


@case
def middle_axis() -> Built:
    x = drawn(3, 5, 4)

    def step():
        return (x * x).sum(1)

    return step, []


@case
def outer_and_inner_axis() -> Built:
    x = drawn(3, 5, 4)

    def step():
        return x.mean((0, 2))

    return step, []


@case
def largest_and_smallest() -> Built:
    x = drawn(4, 6)

    def step():
        return x.amax(1), x.amin(0)

    return step, []


@case
def variance_of_rows() -> Built:
    x = drawn(4, 6)

    def step():
        d = x - x.mean(1, keepdim=True)
        return (d * d).mean(1)

    return step, []


@case
def softmax_of_rows() -> Built:
    x = parameter(3, 6)

    def step():
        x.grad = None
        y = torch.softmax(x, 1)
        loss = (y * y).sum()
        loss.backward()
        return loss

    return step, [x]


# ---------------------------------------------------------------------- products


@case
def product() -> Built:
    a, b = drawn(4, 6), drawn(6, 5)

    def step():
        return a @ b

    return step, []


@case
def product_with_the_first_turned() -> Built:
    a, b = drawn(6, 4), drawn(6, 5)

    def step():
        return a.T @ b

    return step, []


@case
def product_with_the_second_turned() -> Built:
    a, b = drawn(4, 6), drawn(5, 6)

    def step():
        return a @ b.T

    return step, []


@case
def product_with_both_turned() -> Built:
    a, b = drawn(6, 4), drawn(5, 6)

    def step():
        return a.T @ b.T

    return step, []


@case
def products_of_a_batch() -> Built:
    a, b = drawn(3, 2, 4), drawn(4, 5)
    c = drawn(3, 5, 2)

    def step():
        return (a @ b) @ c

    return step, []


@case
def vector_products() -> Built:
    m, v = parameter(4, 6), parameter(6)

    def step():
        m.grad = v.grad = None
        y = (m @ v) @ (m @ v)
        y.backward()
        return y

    return step, [m, v]


# ---------------------------------------------------------------------- views


@case
def turned_and_flattened() -> Built:
    x = drawn(3, 5)

    def step():
        return (x.T * 2).reshape(-1) + 1

    return step, []


@case
def slices() -> Built:
    x = drawn(10)

    def step():
        return x[1:] - x[:-1]

    return step, []


@case
def every_second_row_expanded() -> Built:
    x = drawn(6, 4)

    def step():
        return x[::2, :1].expand(3, 5) * 2

    return step, []


# ---------------------------------------------------------------------- steps


@case
def linear_relu() -> Built:
    x, layer = drawn(4, 6), nn.Linear(6, 5)
    filled(layer)

    def step():
        with torch.no_grad():
            return F.relu(layer(x))

    return step, []


@case
def mse_and_sgd() -> Built:
    x, y, layer = drawn(4, 6), drawn(4, 1), nn.Linear(6, 1)
    filled(layer)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)

    def step():
        optimizer.zero_grad()
        loss = F.mse_loss(layer(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step, list(layer.parameters())


@case
def momentum() -> Built:
    w = parameter(6)
    optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9, weight_decay=0.01)

    def step():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        optimizer.step()
        return loss

    return step, [w]


@case
def adam() -> Built:
    w = parameter(6)
    optimizer = torch.optim.Adam([w], lr=0.1)

    def step():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        optimizer.step()
        return loss

    return step, [w]


@case
def cross_entropy_and_adamw() -> Built:
    x, layer = drawn(4, 6), nn.Linear(6, 3)
    filled(layer)
    y = torch.tensor([0, 2, 1, 2])
    optimizer = torch.optim.AdamW(layer.parameters(), lr=0.01)

    def step():
        optimizer.zero_grad()
        loss = F.cross_entropy(layer(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step, list(layer.parameters())


@case
def one_weight_by_hand() -> Built:
    w, b = torch.tensor(0.5, requires_grad=True), torch.tensor(0.1, requires_grad=True)
    x = torch.tensor([1.0, 2.0, 3.0, 4.0])
    y = 2 * x + 1

    def step():
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w.sub_(0.01 * w.grad)
            b.sub_(0.01 * b.grad)
        w.grad.zero_()
        b.grad.zero_()
        return loss

    return step, [w, b]


@case
def data_rebound_by_hand() -> Built:
    w, x = parameter(3, 1), drawn(4, 3)

    def step():
        loss = (x @ w).square().mean()
        loss.backward()
        w.data = w.data - 0.1 * w.grad
        w.grad = None
        return loss

    return step, [w]


@case
def gradients_accumulated() -> Built:
    w, a, b = parameter(5), drawn(5), drawn(5)
    optimizer = torch.optim.SGD([w], lr=0.1)

    def step():
        optimizer.zero_grad()
        (w * a).sum().backward()
        loss = (w * w * b).sum()
        loss.backward()
        optimizer.step()
        return loss

    return step, [w]


@case
def a_moving_average_beside_the_step() -> Built:
    w = parameter(5)
    mean = torch.zeros(5)
    optimizer = torch.optim.SGD([w], lr=0.1)

    def step():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            mean.mul_(0.9).add_(w, alpha=0.1)
        return loss

    return step, [w, mean]


@case
def parts_joined() -> Built:
    x, w = drawn(3, 4), drawn(4, 6)
    w.requires_grad_()

    def step():
        w.grad = None
        a, b, c = (x @ w).split(2, dim=1)
        y = torch.cat([a * b, c, x.T[:3, :3]], dim=1)
        y.sum().backward()
        return y

    return step, [w]


@case
def two_layers() -> Built:
    x, y = drawn(4, 6), drawn(4, 2)
    first, second = nn.Linear(6, 5), nn.Linear(5, 2)
    filled(first), filled(second)
    optimizer = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=0.1)

    def step():
        optimizer.zero_grad()
        loss = F.mse_loss(second(torch.tanh(first(x))), y)
        loss.backward()
        optimizer.step()
        return loss

    return step, [*first.parameters(), *second.parameters()]


def filled(layer: nn.Linear) -> None:
    with torch.no_grad():
        layer.weight.copy_(drawn(*layer.weight.shape))
        layer.bias.copy_(drawn(*layer.bias.shape))
