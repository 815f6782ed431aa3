"""The models that have a short name: ``linear`` and ``mlp:64,64``; and the optimizers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import Any

from chainrule import nn, optim
from chainrule.base.errors import did_you_mean, message
from chainrule.train.errors import SettingError, listed

# Name → the class in chainrule.optim, its settings, and learning rates that suit standardised columns: for a linear
# model, and for one with hidden layers, which overfits sooner than it fails to arrive.
OPTIMIZERS: dict[str, tuple[str, dict[str, float], float, float]] = {
    "sgd": ("SGD", {}, 0.05, 0.02),
    "momentum": ("SGD", {"momentum": 0.9}, 0.01, 0.003),
    "adam": ("Adam", {}, 0.01, 0.001),
    "adamw": ("AdamW", {}, 0.01, 0.001),
    "rmsprop": ("RMSprop", {}, 0.003, 0.001),
    "adagrad": ("Adagrad", {}, 0.05, 0.01),
}

Optimizer = Any  # chainrule.optim.Optimizer


def build_model(spelling: str, row: tuple[int, ...], outputs: int) -> Any:
    """``linear``: y = W x + b. ``mlp:64,64``: two hidden layers of 64 units, relu after each.

    Args:
        spelling: one of these names.
        row: the shape of one row; a row that is itself an array is flattened.
        outputs: how many numbers the model gives for a row.

    >>> build_model("mlp:8", (3,), 1)
    Sequential(
      (0): Linear(in_features=3, out_features=8, bias=True)
      (1): ReLU()
      (2): Linear(in_features=8, out_features=1, bias=True)
    )
    """
    layers: list[Any] = [nn.Flatten()] if len(row) > 1 else []
    inputs = math.prod(row)
    for width in hidden_widths(spelling):
        layers += [nn.Linear(inputs, width), nn.ReLU()]
        inputs = width
    last = nn.Linear(inputs, outputs)
    return nn.Sequential(*layers, last) if layers else last


def hidden_widths(spelling: str) -> list[int]:
    """The widths of the hidden layers that a model's name asks for.

    >>> hidden_widths("linear"), hidden_widths("mlp:64,32")
    ([], [64, 32])
    """
    if spelling == "linear":
        return []
    found = re.fullmatch(r"mlp:\s*(\d+(?:\s*,\s*\d+)*)", spelling)
    widths = [int(width) for width in found[1].split(",")] if found else []
    if not widths or 0 in widths:
        raise SettingError(
            message(
                f"unknown model {spelling!r}",
                "known are 'linear', and 'mlp:' with the width of each hidden layer, at least 1",
                "mlp:64,64",
            )
        )
    return widths


def default_rate(optimizer: str, model: str | None) -> float:
    """The learning rate taken where none is given; ``model`` is None for a module of the user's own."""
    _, _, linear, hidden = _known(optimizer)
    return linear if model == "linear" else hidden


def build_optimizer(name: str, parameters: Iterable[Any], rate: float | None) -> Optimizer:
    """An optimizer by its short name, such as ``adam``."""
    class_name, settings, *_ = _known(name)
    make: Callable[..., Optimizer] = getattr(optim, class_name)
    return make(list(parameters), lr=rate, **settings)


def _known(name: str) -> tuple[str, dict[str, float], float, float]:
    try:
        return OPTIMIZERS[name]
    except KeyError:
        near = did_you_mean(name, OPTIMIZERS)
        known = f"known are {listed(OPTIMIZERS)}"
        raise SettingError(message(f"unknown optimizer {name!r}{near and '.' + near}", known)) from None
