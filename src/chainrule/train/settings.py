"""How a run is trained, checked before anything is read or written."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from chainrule.base.errors import message
from chainrule.train.errors import SettingError, option
from chainrule.train.models import hidden_widths
from chainrule.train.prepare import Plan


@dataclass(frozen=True)
class Settings:
    """The options of ``fit`` and ``chainrule train``, one field each.

    ``model`` is None where it is a module of the user's own, which ``module`` then describes; ``lr`` is None where the
    optimizer is made by a function of the user's own.
    """

    model: str | None
    module: str | None
    optimizer: str
    lr: float | None
    epochs: int
    batch_size: int
    seed: int
    test_size: float
    scale: bool
    task: str | None
    drop: tuple[str, ...]
    category: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.model is not None:
            hidden_widths(self.model)
        _whole("epochs", self.epochs, 1)
        _whole("batch_size", self.batch_size, 1)
        _whole("seed", self.seed, 0, 2**32 - 1)
        if self.lr is not None and not (isinstance(self.lr, (int, float)) and self.lr > 0 and math.isfinite(self.lr)):
            raise _bad("lr", self.lr, "a learning rate is a positive number", option("lr", 0.01))
        if not 0 <= self.test_size < 1:
            raise _bad(
                "test_size",
                self.test_size,
                "it is the share of rows held out, from 0 up to 1",
                option("test_size", 0.2),
            )

    @property
    def plan(self) -> Plan:
        return Plan(self.task, self.test_size, self.seed, self.scale, self.drop, self.category)

    @property
    def spelled(self) -> str:
        """The settings that matter most, in one line."""
        return f"{self.model or (self.module or '').partition('(')[0]}, {self.how}"

    @property
    def how(self) -> str:
        """The settings of the training itself, in one line."""
        rate = "" if self.lr is None else f", lr {self.lr:g}"
        return f"{self.optimizer}{rate}, batch {self.batch_size}, seed {self.seed}"

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "drop": list(self.drop), "category": list(self.category)}

    @classmethod
    def from_json(cls, entry: dict[str, Any]) -> Settings:
        return cls(**{**entry, "drop": tuple(entry["drop"]), "category": tuple(entry["category"])})


def _whole(name: str, value: Any, least: int, most: int | None = None) -> None:
    if isinstance(value, bool) or not hasattr(value, "__index__") or value < least or (most and value > most):
        upper = f" and at most {most}" if most else ""
        raise _bad(name, value, f"it is a whole number, at least {least}{upper}", option(name, max(least, 1)))


def _bad(name: str, value: Any, why: str, instead: str) -> SettingError:
    return SettingError(message(f"{name} is {value!r}", why, instead))
