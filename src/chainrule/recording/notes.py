"""What is noted between two steps: the loss, the graph, the batches, where the random streams stand."""

from __future__ import annotations

import json
from typing import Any

from ..graph.value import Value
from ..optim.optimizer import Optimizer
from . import streams
from .graphs import Graph
from .store import key_of
from .summaries import hashed

SHOWN = 8  # row numbers of a batch that are kept; a hash stands for the rest
BY_HAND = "by hand"  # instead of an optimizer's settings


class Notes:
    """Facts for one step, forgotten when the next begins."""

    def __init__(self, loader: dict[str, Any] | None = None) -> None:
        self.loader = loader or {}  # the streams when a loader last began an epoch, which belongs to many steps
        self.loss: float | None = None
        self.lines: list[str] = []
        self.entering: dict[str, str] = {}
        self.batches: list[bytes] = []
        self.rows: list[str] = []

    def follow(self, earlier: Notes) -> None:
        """Go on from notes that belong to the same step."""
        self.loss = earlier.loss
        self.lines, self.entering = earlier.lines, earlier.entering
        self.batches, self.rows = earlier.batches + self.batches, earlier.rows + self.rows

    def backward(self, root: Any, graph: Graph) -> None:
        """Several passes before one step make one sequence of operations."""
        self.loss = number_of(root)
        done = len(self.lines)
        self.lines += graph.lines
        self.entering |= {str(int(place) + done): key for place, key in graph.entering.items()}

    def loading(self, loader: Any) -> None:
        generator = loader.generator
        self.loader = {
            "seed": streams.seed() if generator is None else generator.initial_seed(),
            "state": streams.states()[streams.OWN] if generator is None else streams.of(generator),
        }

    def loaded(self, batch: Any) -> None:
        self.batches.append(hashed(batch))

    def drawn(self, rows: Any) -> None:
        self.rows += [str(row) for row in rows]

    def facts(self) -> dict[str, Any]:
        return {
            "loss": self.loss,
            "graph": "\n".join(self.lines),
            "entering": self.entering,
            "batch": key_of(*self.batches).hex() if self.batches else None,
            "rows": self.rows[:SHOWN],
            "order": key_of(" ".join(self.rows).encode()).hex() if self.rows else None,
            "loader": self.loader,
            "seed": streams.seed(),
            "states": streams.states(),
            "fresh": streams.is_fresh(),
        }


def number_of(t: Any) -> float | None:
    """The value of a loss; of several numbers there is none."""
    if not isinstance(t, Value) or t.array.size != 1 or t.array.dtype.kind == "c":
        return None
    return float(t.array.reshape(-1)[0])


def settings_of(optimizer: Optimizer) -> str:
    """An optimizer and its groups' settings, without the learning rates, as text."""
    groups = [
        {name: plain(value) for name, value in sorted(group.items()) if name not in ("params", "lr", "param_names")}
        for group in optimizer.param_groups
    ]
    return json.dumps({"optimizer": type(optimizer).__name__, "groups": groups}, ensure_ascii=False)


def plain(value: Any) -> Any:
    """A setting as JSON has it; of what it has no word for, the type."""
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, Value):
        return value.array.tolist()
    return value if value is None or isinstance(value, (bool, int, float, str)) else type(value).__name__
