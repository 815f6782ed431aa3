"""Which module each node belongs to: told by the parameters around it, or by the clock while the model runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from ..graph.value import Leaf, Node, clock
from ..nn.module import Module
from .naming import printable


def common(a: str, b: str) -> str:
    """The module that two modules are both in.

    >>> common("layers.0.attn.out", "layers.0.norm")
    'layers.0'
    """
    shared = []
    for x, y in zip(a.split("."), b.split(".")):
        if x != y:
            break
        shared.append(x)
    return ".".join(shared)


def by_parameters(nodes: list[Node], owners: dict[Node, str]) -> dict[Node, str]:
    """The module of each node: its parameters' module; without parameters, what its neighbours on both sides are in.

    ``nodes`` are in the order in which they were computed, ``owners`` says of leaves in which module they are. Data that
    has passed no module yet, and what comes after the last one, belongs to none ("").
    """
    before: dict[Node, tuple[int, str]] = {}  # of what comes in: the latest node with parameters, and its module
    after: dict[Node, tuple[int, str]] = {}  # of what goes out: the earliest
    own: dict[Node, str] = {}
    for node in nodes:
        mine = [owners[e] for e in node.edges if isinstance(e, Leaf) and e in owners]
        if mine:
            module = mine[0]
            for other in mine[1:]:
                module = common(module, other)
            own[node] = module
            before[node] = node.seq, module
        elif known := [before[e] for e in node.edges if e in before]:
            before[node] = max(known)
    for node in reversed(nodes):
        here = (node.seq, own[node]) if node in own else after.get(node)
        if here is not None:
            for edge in node.edges:
                if edge is not None and (edge not in after or here < after[edge]):
                    after[edge] = here
    found: dict[Node, str] = {}
    for node in nodes:
        if isinstance(node, Leaf):
            found[node] = owners.get(node, "")
        elif node in own:
            found[node] = own[node]
        else:
            found[node] = common(before[node][1], after[node][1]) if node in before and node in after else ""
    return found


@dataclass
class Call:
    """One call of a module: the nodes made while it ran are those with ``start`` < tick < ``stop``.

    ``path`` is the module's name in the model, with the number of the call where the caller calls it again.
    """

    path: str
    name: str
    module: Module
    start: int
    stop: int = 0
    output: Any = None
    seconds: float = 0.0
    calls: list[Call] = field(default_factory=list)


@contextmanager
def watched(model: Module) -> Iterator[list[Call]]:
    """Note the calls of all modules in ``model`` while it runs; gives a list that fills with the outermost ones."""
    found: list[Call] = []
    running: list[Call] = []
    handles = []

    def enter(name: str) -> Any:
        def before(module: Module, inputs: Any) -> None:
            outer = running[-1] if running else None
            beside = found if outer is None else outer.calls
            inner = name if outer is None or not outer.name else name.removeprefix(f"{outer.name}.")
            times = 1 + sum(call.name == name for call in beside)
            path = printable(
                (f"{outer.path}." if outer is not None and outer.path else "")
                + inner
                + (f" ({times})" if times > 1 else "")
            )
            call = Call(path, name, module, clock(), seconds=-perf_counter())
            beside.append(call)
            running.append(call)

        return before

    def leave(module: Module, inputs: Any, output: Any) -> None:
        call = running.pop()
        call.seconds += perf_counter()
        call.stop, call.output = clock(), output

    for name, module in model.named_modules():
        handles += [module.register_forward_pre_hook(enter(name)), module.register_forward_hook(leave)]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()


def all_calls(calls: list[Call]) -> Iterator[Call]:
    """The calls, each before those made within it."""
    for call in calls:
        yield call
        yield from all_calls(call.calls)


def by_calls(nodes: Iterable[Node], calls: list[Call], owners: dict[Node, str]) -> dict[Node, str]:
    """The module of each node: the innermost one that was running when it was made; of a parameter, that of its first use."""
    found: dict[Node, str] = {}
    for node in nodes:
        if isinstance(node, Leaf):
            continue
        path, inside = "", calls
        while call := next((c for c in inside if c.start < node.seq < c.stop), None):
            path, inside = call.path, call.calls
        found[node] = path
        for edge in node.edges:
            if isinstance(edge, Leaf):
                found.setdefault(edge, path if edge in owners else "")
    return found
