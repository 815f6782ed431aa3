"""Everything that training changes: parameters, buffers, and what the optimizer remembers of each parameter."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

import chainrule as cr


@dataclass(frozen=True)
class State:
    """A copy of a model and its optimizer after a complete epoch.

    Attributes:
        epoch: how many epochs are behind it; 0 before the first.
        weights: name → parameter or buffer.
        moments: ``"3.exp_avg"`` → what the optimizer keeps of parameter number 3.
        settings: the rest of the optimizer's state, plain numbers and text.
    """

    epoch: int
    weights: dict[str, np.ndarray]
    moments: dict[str, np.ndarray]
    settings: dict[str, Any]

    @classmethod
    def take(cls, epoch: int, model: Any, optimizer: Any) -> State:
        kept = optimizer.state_dict()
        moments: dict[str, np.ndarray] = {}
        numbers: dict[str, Any] = {}
        for index, entry in kept["state"].items():
            for key, value in entry.items():
                if hasattr(value, "detach"):
                    moments[f"{index}.{key}"] = value.detach().numpy().copy()
                else:
                    numbers[f"{index}.{key}"] = value
        weights = {name: value.detach().numpy().copy() for name, value in model.state_dict().items()}
        return cls(epoch, weights, moments, {"groups": kept["param_groups"], "numbers": numbers})

    def put(self, model: Any, optimizer: Any) -> None:
        """Make ``model`` and ``optimizer`` what they were when this copy was taken."""
        model.load_state_dict({name: cr.from_numpy(value.copy()) for name, value in self.weights.items()})
        per_parameter: dict[int, dict[str, Any]] = {}
        tensors = {name: cr.from_numpy(value.copy()) for name, value in self.moments.items()}
        for name, value in {**tensors, **self.settings["numbers"]}.items():
            index, _, key = name.partition(".")
            per_parameter.setdefault(int(index), {})[key] = value
        optimizer.load_state_dict({"state": per_parameter, "param_groups": self.settings["groups"]})

    def arrays(self) -> dict[str, np.ndarray]:
        """All arrays under one naming, as one file holds them."""
        weights = {f"model.{name}": value for name, value in self.weights.items()}
        return {**weights, **{f"optimizer.{name}": value for name, value in self.moments.items()}}

    def notes(self) -> dict[str, str]:
        """What is no array, as text."""
        return {"epoch": str(self.epoch), "optimizer": json.dumps(self.settings)}

    @classmethod
    def from_file(cls, arrays: dict[str, np.ndarray], notes: dict[str, str]) -> State:
        """The inverse of ``arrays`` and ``notes``."""
        return cls(
            int(notes["epoch"]),
            {name.removeprefix("model."): value for name, value in arrays.items() if name.startswith("model.")},
            {name.removeprefix("optimizer."): value for name, value in arrays.items() if name.startswith("optimizer.")},
            json.loads(notes["optimizer"]),
        )
