"""What is noted when a loss function is called: shapes, ranges, and what the numbers give themselves out to be."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.value import Leaf, Pick, Value, clock
from ..nn.functional import classification, embeddings, probabilities, ranking, regression
from .lines import here
from .record import Batch, LossCall, Run
from .swap import Swaps
from .watch_ops import PASSING, Operations

LOSSES = {
    "cross_entropy": classification, "nll_loss": classification, "binary_cross_entropy": probabilities,
    "binary_cross_entropy_with_logits": probabilities, "kl_div": probabilities, "mse_loss": regression,
    "l1_loss": regression, "smooth_l1_loss": regression, "huber_loss": regression, "poisson_nll_loss": regression,
    "gaussian_nll_loss": regression, "soft_margin_loss": ranking, "multi_margin_loss": ranking,
}  # fmt: skip
CALLS = 5000
BATCHES = 64
ENTRIES = 200_000
VIEWS = (*PASSING, "Select", "Slice", "Basic")


class Losses:
    """Watches the loss functions and `one_hot` and `embedding`, whose class numbers must be in range."""

    def __init__(self, run: Run, operations: Operations) -> None:
        self.run, self.operations = run, operations
        self.inside = 0
        self.entries = 0
        self.keys: set[int] = set()

    def install(self, swaps: Swaps) -> None:
        for name, module in LOSSES.items():
            swaps.around(getattr(module, name), self.watching(name))
        for name in ("embedding", "one_hot"):
            swaps.around(getattr(embeddings, name), self.looking(name))

    def watching(self, name: str) -> Any:
        def around(original: Any, *args: Any, **named: Any) -> Any:
            if self.inside or self.operations.inside:
                return original(*args, **named)
            input = args[0] if args else named.get("input")
            target = args[1] if len(args) > 1 else named.get("target")
            self.inside += 1
            try:
                result = original(*args, **named)
            except (RuntimeError, ValueError, IndexError, TypeError, NotImplementedError) as error:
                self.note(name, input, target, None, named, str(error))
                raise
            finally:
                self.inside -= 1
            self.note(name, input, target, result, named, "")
            return result

        return around

    def looking(self, name: str) -> Any:
        def around(original: Any, *args: Any, **named: Any) -> Any:
            try:
                return original(*args, **named)
            except (RuntimeError, ValueError, IndexError) as error:
                indices = args[0] if args else named.get("input")
                table = args[1] if len(args) > 1 else named.get("weight", named.get("num_classes"))
                if isinstance(indices, Value):
                    rows = len(table.array) if isinstance(table, Value) else table
                    self.run.notes["index"] = {
                        "line": here(), "name": name, "low": int(indices.array.min()), "high": int(indices.array.max()),
                        "rows": rows, "error": str(error).partition("\n")[0],
                    }  # fmt: skip
                raise

        return around

    def note(self, name: str, input: Any, target: Any, result: Any, named: dict[str, Any], error: str) -> None:
        if not isinstance(input, Value) or not isinstance(target, Value) or len(self.run.losses) >= CALLS:
            return
        x, t = input.array, target.array
        line = here()
        self.run.losses.append(
            LossCall(
                name, line, clock(), x.shape, t.shape, str(x.dtype), str(t.dtype),
                isinstance(result, Value) and result.node is not None, input.node is not None, target.node is not None,
                chain(input.node), facts_of(name, x, t, named), error,
            )
        )  # fmt: skip
        if name in STRETCHING and not error and stretched(x.shape, t.shape):
            self.run.stretched.append({"line": line, "op": name, "shapes": [list(x.shape), list(t.shape)], "by": name})
        if input.node is not None and not error:
            self.note_batch(name, x, t, line)

    def note_batch(self, name: str, x: np.ndarray, t: np.ndarray, line: Any) -> None:
        """Keep the first batches, and the last prediction, for the checks that look at data."""
        first = self.run.notes.get("input")
        if first is None or first.node is not None or not t.ndim or first.array.shape[:1] != t.shape[:1]:
            return
        data = first.array
        key = hash((data.shape, data.tobytes())) if data.size < ENTRIES else id(data)
        if key in self.keys or self.entries + data.size + t.size > ENTRIES or len(self.run.batches) >= BATCHES:
            for batch in self.run.batches:
                if batch.x.shape == data.shape and np.array_equal(batch.x, data):
                    batch.prediction, batch.at = x.copy(), len(self.run.passes)
            return
        self.keys.add(key)
        self.entries += data.size + t.size
        self.run.batches.append(Batch(data.copy(), t.copy(), x.copy(), name, line))


STRETCHING = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "poisson_nll_loss", "kl_div")


def stretched(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether two shapes meet in a third that is larger than both.

    >>> stretched((8, 1), (8,)), stretched((8, 1), (1,)), stretched((8, 3), (8, 1))
    (True, False, False)
    """
    if a == b:
        return False
    return int(np.prod(np.broadcast_shapes(a, b))) > max(int(np.prod(a)), int(np.prod(b)))


def chain(node: Any) -> tuple[str, ...]:
    """The ops that made a tensor, the last first, views left out; as far as there is one way back."""
    names: list[str] = []
    while node is not None and not isinstance(node, Leaf) and len(names) < 6:
        if type(node) is Pick:
            node = node.parent
        name = type(node.op).__name__
        if name not in VIEWS:
            names.append(name)
        ways = [e for e in node.edges if e is not None]
        if len(ways) != 1:
            break
        node = ways[0]
    return tuple(names)


def facts_of(name: str, x: np.ndarray, t: np.ndarray, named: dict[str, Any]) -> dict[str, Any]:
    """Ranges and sums of a prediction and its target."""
    facts: dict[str, Any] = {"n": int(t.size)}
    with np.errstate(all="ignore"):
        if x.size and x.dtype.kind == "f":
            facts["low"], facts["high"] = float(x.min()), float(x.max())
            if x.ndim >= 2 and x.shape[1] > 1:
                sums = x.sum(1)
                facts["classes"] = x.shape[1]
                facts["shares"] = bool(facts["low"] >= 0 and np.allclose(sums, 1, atol=1e-4))
                facts["logs"] = bool(
                    facts["high"] <= 1e-6 and np.allclose(np.exp(x.astype(float)).sum(1), 1, atol=1e-3)
                )
            elif x.ndim:
                facts["classes"] = x.shape[-1] if x.ndim == 2 else 1
        if t.size and t.dtype.kind in "fiub":
            facts["t_low"], facts["t_high"] = float(t.min()), float(t.max())
            facts["mean"], facts["var"] = float(t.mean()), float(t.astype(float).var())
            if t.ndim >= 2 and t.shape[1:2] != (1,) and t.dtype.kind == "f":
                facts["t_shares"] = bool(facts["t_low"] >= 0 and np.allclose(t.sum(1), 1, atol=1e-4))
    facts["ignore"] = named.get("ignore_index", -100)
    return facts
