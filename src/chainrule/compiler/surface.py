"""Functions on tensors that work on entries without an op, such as ``argmax``: noticed when they return.

What such a function gives is not in the program, and would pass for a constant. If it was given tensors, the program
calls it instead. If the array was used before the function returned, as the places that ``x.max(1)`` chooses are, what was
an input of the program becomes a part of the call.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import CellType, FunctionType
from typing import Any

import numpy as np

from ..base.modes import modes
from ..graph.value import Value, wrap
from .program import Call, Node
from .recording import FAILS, Recording
from .registry import FUNCTIONS
from .within import inner

HERE = Path(__file__).parent.parent
FOLDERS = tuple(str(HERE / part) for part in ("tensors", "nn/functional"))
OF_SHAPES = {
    "zeros_like", "ones_like", "full_like", "empty_like", "new_zeros", "new_ones", "new_full", "new_empty", "shape", "size",
}  # fmt: skip
SHAPED_BY_VALUES = {
    "nonzero", "argwhere", "unique", "unique_consecutive", "masked_select", "bincount", "repeat_interleave",
}  # fmt: skip


class Surface:
    """The function on tensors that runs, called by the program itself; not those that it calls."""

    def __init__(self, now: Recording) -> None:
        self.now = now
        self.frame: Any = None
        self.function: Any = None
        self.given: dict[str, Any] = {}
        self.lasting = self.inputs = 0

    def entered(self, frame: Any) -> None:
        if self.frame is None and self.now.depth == 0:
            self.frame = frame
            known = frame.f_locals
            code = frame.f_code
            self.function = FunctionType(
                code, frame.f_globals, code.co_name, None, tuple([CellType(known[n]) for n in code.co_freevars])
            )
            self.given = {n: x for n, x in known.items() if n not in code.co_freevars}
            self.inputs = len(self.now.program.inputs)
            self.lasting = self.drawn()

    def left(self, frame: Any, result: Any) -> None:
        if frame is not self.frame:
            return
        self.frame = None
        given: list[Any] = []
        collect(list(self.given.values()), given)
        name = frame.f_code.co_name
        if given and self.now.depth == 0 and name not in OF_SHAPES and self.drawn() == self.lasting:
            with inner(self.now):
                self.look(name, given, result)

    def drawn(self) -> int:
        program = self.now.program
        return len(program.draws) + sum(1 for n in program.nodes if n.kind == "call" and n.data.lasting)

    def look(self, name: str, given: list[Any], result: Any) -> None:
        results: list[Any] = []
        collect(result, results)
        now = self.now
        fresh = {id(n.data.array): n for n in now.program.inputs[self.inputs :]}
        fixed = set(now.program.fixed.values())
        fresh = {
            i: n
            for i, n in fresh.items()
            if n not in fixed and i not in now.holders and all(i != id(v.array) for v in given)
        }
        missing = [r for r in results if self.unseen(r.array, fresh, given)]
        if len(fresh) > sum(source(r.array, fresh) is not None for r in missing):
            now.stop(f"calls {name}(…), which looks at entries in a way that can't be followed")
            return
        if not missing:
            return
        if name in SHAPED_BY_VALUES:
            now.stop(f"calls {name}(…), whose result has a shape that depends on values")
            return
        if not fresh and len(results) == 1 and self.read(name, results[0].array):
            return
        self.write(name, given, results, missing, fresh)

    def read(self, name: str, result: np.ndarray) -> bool:
        """Read the function on symbols, if it is known how."""
        reading, now = FUNCTIONS.get(name), self.now
        if reading is None:
            return False
        try:
            found = reading(**{n: now.symbol(x.array) if isinstance(x, Value) else x for n, x in self.given.items()})
        except FAILS:
            found = None
        if found is None or found.shape != result.shape or found.dtype != result.dtype:
            return False
        now.know(result, found)
        return True

    def unseen(self, x: np.ndarray, fresh: dict[int, Node], given: list[Any]) -> bool:
        if source(x, fresh) is not None:
            return True
        if id(x) in self.now.symbols:
            return False
        for v in given:
            self.now.symbol(v.array)
        return x.size > 0 and id(x) not in self.now.symbols and self.now.seen_from(x) is None

    def write(self, name: str, given: list[Any], results: list[Any], missing: list[Any], fresh: dict[int, Node]) -> None:
        """Have the program call the function, before the first value that needs what it gives."""
        now, program = self.now, self.now.program
        args = tuple(now.symbol(v.array).node for v in given)
        shapes = [r.array.shape if (n := source(r.array, fresh)) is None else n.shape for r in results]
        node = Node("call", args, (), np.dtype(object), Call(name, again(self.function, self.given, given, shapes)), program.line)
        used = [n for r in missing if (n := source(r.array, fresh)) is not None]
        place = min((program.nodes.index(n) for n in used), default=len(program.nodes))
        if any(program.nodes.index(a) >= place for a in args):
            now.stop(f"calls {name}(…), which works on entries in a way that can't be followed")
            return
        program.nodes.insert(place, node)
        for i, r in enumerate(results):
            if not any(r is m for m in missing):
                continue
            known = source(r.array, fresh)
            if known is None:
                now.know(r.array, now.part(node, i, r.array))
            elif known.kind == "input":  # it was taken for one
                program.inputs.remove(known)
                known.kind, known.args, known.data = "part", (node,), i


def source(x: Any, fresh: dict[int, Node]) -> Node | None:
    """The array that x is, or that it shows in another shape."""
    while isinstance(x, np.ndarray):
        node = fresh.get(id(x))
        if node is not None:
            return node
        x = x.base
    return None


def collect(x: Any, into: list[Any]) -> None:
    """All tensors in something."""
    if isinstance(x, Value):
        into.append(x)
    elif isinstance(x, (list, tuple)):
        for y in x:
            collect(y, into)
    elif isinstance(x, dict):
        collect(list(x.values()), into)


def again(
    function: Callable[..., Any], given: dict[str, Any], values: list[Any], shapes: list[tuple[int, ...]]
) -> Callable[..., tuple[Any, ...]]:
    """The function with the same arguments but for the entries of its tensors."""
    code = function.__code__
    count = code.co_argcount
    names = code.co_varnames[: count + code.co_kwonlyargcount]
    rest = code.co_varnames[count + code.co_kwonlyargcount :]
    several = rest[0] if code.co_flags & 4 else None
    named = rest[1 if several else 0] if code.co_flags & 8 else None

    def call(*arrays: Any) -> tuple[Any, ...]:
        fresh = {id(v): wrap(np.asarray(a)) for v, a in zip(values, arrays)}
        before, modes.grad = modes.grad, False
        try:
            result = function(
                *[replaced(given[n], fresh) for n in names[:count]],
                *(replaced(given[several], fresh) if several else ()),
                **{n: replaced(given[n], fresh) for n in names[count:]},
                **(replaced(given[named], fresh) if named else {}),
            )
        finally:
            modes.grad = before
        results: list[Any] = []
        collect(result, results)
        return tuple([r.array.reshape(shape) for r, shape in zip(results, shapes)])

    return call


def replaced(x: Any, fresh: dict[int, Any]) -> Any:
    if isinstance(x, Value):
        return fresh[id(x)]
    if type(x) in (list, tuple):
        return type(x)([replaced(y, fresh) for y in x])
    if type(x) is dict:
        return {k: replaced(y, fresh) for k, y in x.items()}
    return x


