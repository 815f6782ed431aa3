"""Gradients that the program works out itself, held against the true ones while the numbers are there.

A `Function` of the program's own against differences of its forward; a gradient written into ``.grad``, and an update of
a weight that no backward pass has reached, against the gradient of the last number that was computed from the weight.
"""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np

from ..base import random as streams
from ..graph.value import Leaf, Value, wrap
from ..tensors import arithmetic, inplace
from ..tensors import function as functions
from ..tensors.autograd import grad
from ..tensors.grad_mode import enable_grad
from ..tensors.tensor import Tensor
from .lines import Line, here, is_users
from .record import Run
from .swap import Swaps
from .walks import reached, untouched
from .watch_ops import Operations

SMALL = 4000  # entries of the inputs of a function that is checked
TRIALS = 3


class ByHand:
    """Watches custom functions, assignments to ``.grad``, and updates in place."""

    def __init__(self, run: Run, operations: Operations) -> None:
        self.run, self.operations = run, operations
        self.checked: dict[Any, int] = {}
        self.uses: list[tuple[Any, list[Any], dict[str, Any]]] = []  # of custom functions, to be checked

    def install(self, swaps: Swaps) -> None:
        swaps.around(functions.Function.apply.__func__, self.applied)  # type: ignore[attr-defined]
        swaps.around(Tensor.grad.fset, self.grad_set)  # type: ignore[attr-defined]
        swaps.around(inplace.write, self.written)
        swaps.around(arithmetic.update, self.updated)

    def grad_set(self, original: Any, tensor: Any, value: Any) -> None:
        original(tensor, value)
        if isinstance(value, Value) and type(tensor.node) is Leaf and not self.operations.inside:
            self.hold_against(tensor, value.array, "the gradient written into .grad", scaled=False)

    def written(self, original: Any, target: Any, result: Any, *args: Any) -> Any:
        self.look_at_update(target, getattr(result, "array", result))
        return original(target, result, *args)

    def updated(self, original: Any, target: Any, other: Any, change: Any, function: Any) -> Any:
        if type(target.node) is Leaf:
            self.look_at_update(target, change(target.array.copy(), getattr(other, "array", other)))
        return original(target, other, change, function)

    def look_at_update(self, target: Any, new: Any) -> None:
        """A weight changed in place, while no backward pass has reached it: along a gradient computed by hand?"""
        w = self.run.weights.get(target.node)
        fresh = type(target.node) is Leaf and not self.operations.inside and (w is None or not w.passes)
        if fresh and np.shape(new) == target.array.shape:
            self.hold_against(target, target.array - new, "the update of a weight by hand", scaled=True)

    def hold_against(self, tensor: Any, mine: np.ndarray, what: str, scaled: bool) -> None:
        """What the program takes for the gradient, and the true one of the last number that was computed from the weight."""
        leaf, loss = tensor.node, self.operations.last_number()
        if loss is None or self.checked.get(leaf, 0) >= 2 or not np.any(mine):
            return
        nodes = reached([loss.node])
        if leaf not in nodes or not untouched(nodes):
            return
        self.checked[leaf] = self.checked.get(leaf, 0) + 1
        self.operations.inside += 1
        try:
            found = grad(loss, [tensor], retain_graph=True, allow_unused=True)[0]
        except RuntimeError:  # another weight was overwritten since
            return
        finally:
            self.operations.inside -= 1
        if found is None or not np.any(found.array) or not np.isfinite(found.array).all():
            return
        self.judge_update(tensor, mine.astype(float).reshape(-1), found.array.astype(float).reshape(-1), what, scaled)

    def judge_update(self, tensor: Any, mine: np.ndarray, true: np.ndarray, what: str, scaled: bool) -> None:
        cosine = float(mine @ true / (np.linalg.norm(mine) * np.linalg.norm(true)))
        size = float(np.linalg.norm(mine) / np.linalg.norm(true))
        if cosine > 0.999 and (scaled or abs(size - 1) < 0.01):
            return
        worst = int(np.abs(mine / (size if scaled else 1) - true).argmax())
        self.run.byhand.append(
            {
                "what": f"{what} (shape {list(tensor.array.shape)}, entry {worst}; cosine {cosine:.3g} with the true gradient)",
                "yours": [float(mine[worst] / (size if scaled else 1))], "true": [float(true[worst])], "line": here(),
                "fix": "loss.backward() and w.grad, or chainrule.check_gradient to see which factor is missing",
            }
        )  # fmt: skip

    def applied(self, original: Any, cls: Any, *args: Any, **named: Any) -> Any:
        result = original(cls, *args, **named)
        ours = cls.__module__.startswith("chainrule.")
        wanted = any(map(needs, args))
        if ours or not wanted or self.operations.inside or self.checked.get(cls, 0) >= 2:
            return result
        if sum(a.array.size for a in args if isinstance(a, Value)) > SMALL or not is_users(
            cls.forward.__code__.co_filename
        ):
            return result
        self.checked[cls] = self.checked.get(cls, 0) + 1
        kept = [copied(a) for a in args]
        self.uses.append((cls, kept, named))
        return result

    def finish(self) -> None:
        """Check the custom functions, now that running them again can no longer disturb the program."""
        state = streams.default_generator.get_state_bytes()
        for cls, args, named in self.uses:
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    self.compare(cls, args, named)
            except Exception as error:  # the program's own code, run on numbers it was not written for
                self.run.notes.setdefault("unchecked", []).append(f"{cls.__name__}: {error}")
        streams.default_generator.set_state_bytes(state)

    def compare(self, cls: Any, args: Any, named: Any) -> None:
        """⟨u, J v⟩ from the backward that was written, and from differences of the forward, along random u and v."""
        rng = np.random.default_rng(0)
        base = [a.array.astype(np.float64) if is_real(a) else a for a in args]

        def value(shift: float, v: list[Any], u: Any) -> float:
            given = [wrap(b + shift * d) if d is not None else wrap(b) if is_array(b) else b for b, d in zip(base, v)]
            outputs = as_list(cls.apply(*given, **named))
            return sum(float((np.asarray(y.array, float) * c).sum()) for y, c in zip(outputs, u))

        leaves = [wrap(b).requires_grad_() if needs(a) and is_array(b) else None for a, b in zip(args, base)]
        with enable_grad():
            given = [x if x is not None else wrap(b) if is_array(b) else b for x, b in zip(leaves, base)]
            outputs = as_list(cls.apply(*given, **named))
        same = any(x is not None and np.array_equal(y.array, x.array) for y in outputs for x in leaves)
        again = as_list(cls.apply(*[wrap(b) if is_array(b) else b for b in base], **named))
        if same or any(not np.array_equal(a.array, b.array) for a, b in zip(outputs, again)):
            return  # the identity with a gradient of its own choice, or a random function
        wrong = []
        for _ in range(TRIALS):
            u = [rng.standard_normal(y.array.shape) for y in outputs]
            wanted = [x for x in leaves if x is not None]
            given = grad(outputs, wanted, [wrap(c) for c in u], retain_graph=True, allow_unused=True)
            byhand = dict(zip(map(id, wanted), given))
            for place, x in enumerate(leaves):
                if x is None:
                    continue
                v = [rng.standard_normal(b.shape) if y is x else None for y, b in zip(leaves, base)]
                h = 1e-6 * max(1.0, float(np.abs(base[place]).max(initial=0)))
                true = (value(h, v, u) - value(-h, v, u)) / (2 * h)
                d = byhand[id(x)]
                mine = 0.0 if d is None else float((d.array * v[place]).sum())
                wrong.append((place, mine, true))
        self.judge(cls, wrong)

    def judge(self, cls: Any, pairs: list[tuple[int, float, float]]) -> None:
        for place in sorted({p for p, _, _ in pairs}):
            mine = np.array([m for p, m, _ in pairs if p == place])
            true = np.array([t for p, _, t in pairs if p == place])
            if not np.any(true) or not np.all(np.isfinite(true)):
                continue  # a step function, whose backward is a choice (a straight-through estimator)
            error = np.abs(mine - true)
            if np.all(error > 1e-3 * (np.abs(true) + np.abs(mine))):
                found = {"function": cls.__name__, "argument": place, "yours": mine.tolist(), "true": true.tolist()}
                self.run.byhand.append(found | {"line": method_line(cls)})


def method_line(cls: Any) -> Any:
    code = cls.backward.__code__
    return Line(code.co_filename, code.co_firstlineno)


def copied(a: Any) -> Any:
    """An argument as it is now."""
    if not isinstance(a, Value):
        return a
    kept = wrap(a.array.copy())
    return kept.requires_grad_() if a.node is not None else kept


def needs(a: Any) -> bool:
    return isinstance(a, Value) and a.node is not None


def is_real(a: Any) -> bool:
    return isinstance(a, Value) and a.array.dtype.kind == "f"


def is_array(b: Any) -> bool:
    return isinstance(b, np.ndarray)


def as_list(y: Any) -> list[Any]:
    return [t for t in (y if isinstance(y, tuple) else (y,)) if isinstance(t, Value) and t.array.dtype.kind == "f"]
