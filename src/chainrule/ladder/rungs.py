"""A rung: for each of the four parts of training, whose it is.

============  ===========  =============  ===========  ===========
rung          prediction   gradients      loss         updates
============  ===========  =============  ===========  ===========
1             by hand      by hand        by hand      by hand
2             by hand      autograd       by hand      by hand
3             by hand      autograd       MSELoss      SGD
4             Linear       autograd       MSELoss      SGD
============  ===========  =============  ===========  ===========
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import optim
from ..base.errors import message
from .byhand import summed_gradient
from .checking.names import is_numeric

__all__ = ["Rung", "rung", "classic", "own_rung", "NAMES"]

HAND, AUTO = "by hand", "auto"


@dataclass(frozen=True)
class Rung:
    """Four slots, each yours or the library's.

    prediction: a function ``(x, w)`` of arrays or tensors, or ``(x)`` that reads a global ``w``; a module, or a
        function that makes one; ``"auto"`` for ``nn.Linear``.
    gradients: a function ``(x, y, y_pred)`` that returns ∂L/∂w, a tuple for several parameters; ``"auto"`` for
        autograd.
    loss: a function ``(y, y_pred)``; a criterion such as ``nn.L1Loss()``; ``"auto"`` for ``nn.MSELoss()``.
    updates: a function ``(w, gradient, lr)`` that returns the new w; an optimizer's class, or a function of the
        parameters that makes an optimizer; ``"auto"`` for ``optim.SGD``.

    A slot left out is by hand, as the documents write it, so ``Rung()`` is the first rung.

    Functions find their arguments by name (those of ``updates`` by position). Where ``gradients`` are automatic, they
    get tensors; otherwise arrays, or tensors with ``on="tensors"``. ``parameters`` are starting values, for those
    parameters that are to begin elsewhere than the table says, or that it does not know. A module begins where the
    other rungs do, as far as it has the same parameters; with ``start="own"`` it begins at its own weights, and
    ``"auto"`` is then an ``nn.Linear`` as it comes, with a bias.

    >>> Rung(gradients="auto")
    Rung(gradients='auto')
    """

    prediction: Any = HAND
    gradients: Any = HAND
    loss: Any = HAND
    updates: Any = HAND
    name: str = ""
    parameters: Mapping[str, Any] | None = None
    on: str = "arrays"
    start: str = "shared"

    def __post_init__(self) -> None:
        for field, allowed in (("on", ("arrays", "tensors")), ("start", ("shared", "own"))):
            if getattr(self, field) not in allowed:
                raise ValueError(message(f"{field} is {getattr(self, field)!r}", f"it is one of {', '.join(allowed)}"))
        if isinstance(self.updates, optim.Optimizer):
            raise TypeError(
                message(
                    f"updates is an optimizer ({type(self.updates).__name__}) that already has its parameters",
                    "each rung makes parameters of its own",
                    "pass the class, updates=optim.SGD, or updates=lambda parameters: optim.SGD(parameters, lr=0.01)",
                )
            )
        for slot in ("prediction", "gradients", "loss", "updates"):
            value = getattr(self, slot)
            if value not in (HAND, AUTO) if isinstance(value, str) else not callable(value):
                raise TypeError(
                    message(
                        f"{slot} is {value!r}",
                        "a slot holds a function of yours, something of the library's, or one of two words",
                        f"{slot}={HAND!r} or {slot}={AUTO!r}",
                    )
                )

    def __repr__(self) -> str:
        given = {slot: getattr(self, slot) for slot in self.__dataclass_fields__}
        default = {slot: field.default for slot, field in self.__dataclass_fields__.items()}
        return f"Rung({', '.join(f'{slot}={value!r}' for slot, value in given.items() if value != default[slot])})"


_INITIAL = {"weight": [[-0.2777]], "bias": [-0.2588077783584595]}  # what one of the documents drew

_READY_MADE = {
    "1": lambda: Rung(name="1"),
    "2": lambda: Rung(gradients=AUTO, name="2"),
    "3": lambda: Rung(gradients=AUTO, loss=AUTO, updates=AUTO, name="3"),
    "4": lambda: Rung(AUTO, AUTO, AUTO, AUTO, name="4"),
    "1d": lambda: Rung(gradients=summed_gradient, name="1d"),
    "4d": lambda: Rung(AUTO, AUTO, AUTO, AUTO, name="4d", start="own", parameters=_INITIAL),
}
NAMES = {
    "1": "all by hand",
    "2": "gradients by autograd",
    "3": "gradients, loss and updates from the library",
    "4": "all from the library",
    "1d": "rung 1 as two of the documents have it, with a gradient that sums where the loss takes a mean",
    "4d": "rung 4 as the documents have it, with a bias and random initial weights",
}


def rung(name: str | int) -> Rung:
    """A ready-made rung: 1, 2, 3, 4; ``"1d"`` and ``"4d"`` as the documents have them.

    >>> rung(3)
    Rung(gradients='auto', loss='auto', updates='auto', name='3')
    """
    if str(name) not in _READY_MADE:
        raise ValueError(
            message(
                f"there is no rung {str(name)!r}",
                "ready-made: " + "; ".join(f"{key}: {words}" for key, words in NAMES.items()),
                "Rung(prediction=…, gradients=…, loss=…, updates=…) is one of your own",
            )
        )
    return _READY_MADE[str(name)]()


def classic() -> list[Rung]:
    """The four rungs that the documents climb."""
    return [rung(number) for number in (1, 2, 3, 4)]


_OWN_NAMES = {
    "prediction": ("prediction", "predict", "predictor", "forward", "model"),
    "gradients": ("gradient", "gradients", "grad"),
    "loss": ("loss", "criterion"),
    "updates": ("update", "updates"),
}


def own_rung(path: str | Path) -> Rung:
    """The rung made of the functions in a Python file: prediction (or forward, predict), gradient, loss, update.

    The file is executed. A slot that it does not define is by hand, as in the documents; but the gradients of a
    prediction or loss of its own are autograd's. Training starts from its own ``w``, ``b``, …, where it has them.
    """
    path = Path(path)
    spec = importlib.util.spec_from_file_location(f"own_{path.stem}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ValueError(
            message(f"{path} is no Python file", instead="a file that defines prediction, gradient, loss, update")
        )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, Callable[..., Any]] = {}
    for slot, names in _OWN_NAMES.items():
        for name in names:
            if callable(getattr(module, name, None)) and slot not in found:
                found[slot] = getattr(module, name)
    if not found:
        raise ValueError(
            message(
                f"{path} defines none of the four parts",
                "they are found by name: "
                + "; ".join(f"{slot}: {', '.join(names)}" for slot, names in _OWN_NAMES.items()),
            )
        )
    start = {name: value for name, value in vars(module).items() if is_numeric(value)}
    gradients = AUTO if "prediction" in found or "loss" in found else HAND
    return Rung(
        found.get("prediction", HAND),
        found.get("gradients", gradients),
        found.get("loss", HAND),
        found.get("updates", HAND),
        name="own",
        parameters=start,
    )
