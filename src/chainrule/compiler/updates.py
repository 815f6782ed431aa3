"""An optimizer's update as part of a program: its own rule read on symbols, its settings as numbers told anew for each step.

``m += (1 − β₁)(g − m)`` is read on symbols for m and g; 1 − β₁, and bias corrections such as 1 − β₁ᵗ, are `Number` s,
computed outside for all steps at once. So a scheduler may change a learning rate between calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..optim.optimizer import Optimizer
from ..optim.sgd import SGD
from .program import Node, Program
from .registry import UPDATES
from .symbolic import Sym, Unreadable


class Number:
    """A number computed from settings and the count of steps: ``at(steps)`` gives it for each of these steps."""

    def __init__(self, text: str, at: Callable[[np.ndarray], Any], guards: list[Any]) -> None:
        self.text, self.at, self.guards = text, at, guards

    def now(self) -> float:
        return float(np.ravel(self.at(np.zeros(1)))[0])

    def as_number(self, program: Program, dtype: Any) -> Node:
        if all(text != self.text for text, _ in program.numbers):
            program.numbers.append((self.text, self.at))
        return program.add("number", (), (), dtype, self.text)

    def with_(self, sign: str, other: Any, swapped: bool = False) -> Any:
        if isinstance(other, Sym):
            return NotImplemented
        function = FUNCTIONS[sign]
        text = str(other.text if isinstance(other, Number) else repr(float(other)))
        value = other.at if isinstance(other, Number) else lambda steps: float(other)
        if swapped:
            return Number(f"({text} {sign} {self.text})", lambda s: function(value(s), self.at(s)), self.guards)
        return Number(f"({self.text} {sign} {text})", lambda s: function(self.at(s), value(s)), self.guards)

    def __add__(self, other: Any) -> Any:
        return self.with_("+", other)

    def __radd__(self, other: Any) -> Any:
        return self.with_("+", other, True)

    def __sub__(self, other: Any) -> Any:
        return self.with_("-", other)

    def __rsub__(self, other: Any) -> Any:
        return self.with_("-", other, True)

    def __mul__(self, other: Any) -> Any:
        return self.with_("*", other)

    def __rmul__(self, other: Any) -> Any:
        return self.with_("*", other, True)

    def __truediv__(self, other: Any) -> Any:
        return self.with_("/", other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.with_("/", other, True)

    def __pow__(self, other: Any) -> Any:
        return self.with_("**", other)

    def __rpow__(self, other: Any) -> Any:
        return self.with_("**", other, True)

    def __neg__(self) -> Any:
        return 0.0 - self

    def decided(self, holds: Callable[[float], bool]) -> bool:
        """Something the rule decides by: remembered, so that the program is only used while it decides alike."""
        truth = holds(self.now())
        self.guards.append((self, holds, truth))
        return truth

    def __bool__(self) -> bool:
        return self.decided(bool)

    def __eq__(self, other: Any) -> Any:
        return self.decided(lambda x: x == other)

    def __lt__(self, other: Any) -> Any:
        return self.decided(lambda x: x < other)

    def __gt__(self, other: Any) -> Any:
        return self.decided(lambda x: x > other)

    def __le__(self, other: Any) -> Any:
        return self.decided(lambda x: x <= other)

    def __ge__(self, other: Any) -> Any:
        return self.decided(lambda x: x >= other)

    __hash__ = object.__hash__


FUNCTIONS: dict[str, Any] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "**": np.power,
}  # fmt: skip


class Group(dict[str, Any]):
    """A group's settings as the rule sees them: numbers as `Number` s, others as they are."""


def seen(group: dict[str, Any], tag: str, guards: list[Any]) -> Group:
    def read(name: str, i: int | None = None) -> Number:
        where = f"{name}" if i is None else f"{name}[{i}]"
        value = (lambda steps: float(group[name])) if i is None else (lambda steps: float(group[name][i]))
        return Number(f"{tag}.{where}", value, guards)

    found = Group()
    for name, value in group.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            found[name] = read(name)
        elif isinstance(value, (tuple, list)) and value and all(isinstance(v, (int, float)) for v in value):
            found[name] = tuple(read(name, i) for i in range(len(value)))
        elif name != "params":
            found[name] = value
    return found


class Advance:
    """What an optimizer counts besides arrays: the packs whose step counts go on, one for each step."""

    def __init__(self, optimizer: Optimizer, group: dict[str, Any], params: list[Any], packs: list[Any], guards: list[Any]) -> None:
        self.optimizer, self.group, self.params, self.packs, self.guards = optimizer, group, params, packs, guards
        self.settings = {n: v for n, v in group.items() if isinstance(v, (bool, str)) or v is None}
        self.names = [n for n in group if n != "params"]
        self.count, self.members = len(optimizer.param_groups), [id(p) for p in group["params"]]
        self.before: list[dict[str, float]] = [dict(pack.numbers) for pack in packs]  # of each pack, at the begin of the step
        self.last: list[Any] = []  # the settings when they were last looked at
        self.changes = 0  # how often they were found changed

    def holds(self) -> bool:
        """Whether the group is as it was when the step was recorded, but for numbers that the rule does not decide by."""
        group = self.group
        if self.packs and self.optimizer._packs.get(id(group), ((), []))[1] is not self.packs:
            return False
        groups = self.optimizer.param_groups
        if len(groups) != self.count or all(g is not group for g in groups) or [id(p) for p in group["params"]] != self.members:
            return False
        now = [group.get(n) for n in self.names]
        if now == self.last:
            return self.lasting(1) == 1
        if any(group.get(name) != value for name, value in self.settings.items()):
            return False
        if any(holds(number.now()) is not truth for number, holds, truth in self.guards):
            return False
        self.changes += now != self.last
        self.last = now
        return True

    def lasting(self, steps: int) -> int:
        """For how many of the next steps the rule decides alike: it may do so by their count."""
        for number, holds, truth in self.guards:
            if ".t" not in number.text:
                continue
            later = np.broadcast_to(number.at(np.arange(steps)), (steps,))
            steps = next((i for i, x in enumerate(later.tolist()) if holds(x) is not truth), steps)
        return steps

    def on(self, steps: int) -> None:
        for pack in self.packs:
            for _ in range(steps if pack.numbers else 0):
                pack.t += 1
                advanced(self.optimizer, self.group, pack.numbers, pack.t)
            self.at(pack, pack.t if pack.numbers else pack.t + steps, pack.numbers)

    def begun(self, pack: Any) -> dict[str, float]:
        """The numbers that a pack begins with."""
        return {n: float(np.float32(self.optimizer.initial_number(n, self.group))) for n in pack.numbers}

    def at(self, pack: Any, t: int, numbers: dict[str, float]) -> None:
        """Let a pack have taken t steps."""
        pack.t, pack.numbers = t, numbers
        for name, value in numbers.items():
            pack.shown[name].array[...] = value
        for step in pack.steps:
            step.array[...] = t

    @contextmanager
    def taken_back(self) -> Iterator[None]:
        """For what happens within, the step that was recorded has not been taken."""
        now = [(pack, pack.t, pack.numbers) for pack in self.packs]
        for pack, numbers in zip(self.packs, self.before):
            pack.t, pack.numbers = pack.t - 1, numbers
        try:
            yield
        finally:
            for pack, t, found in now:
                pack.t, pack.numbers = t, found


def advanced(optimizer: Any, group: dict[str, Any], numbers: dict[str, float], t: int) -> dict[str, float]:
    """What a rule uses in step t, as numbers of its state go on; they are kept in single precision."""
    used = dict(optimizer.advance(numbers, group, t))
    for name, value in numbers.items():
        numbers[name] = float(np.float32(value))
    return used


def told(optimizer: Any, group: dict[str, Any], pack: Any, name: str) -> Callable[[np.ndarray], Any]:
    """What a number of the state is in each of the next steps."""

    def at(steps: np.ndarray) -> Any:
        numbers, found = dict(pack.numbers), []
        for i in range(int(np.max(steps, initial=0)) + 1):
            found.append(advanced(optimizer, group, numbers, pack.t + 1 + i)[name])
        return np.asarray(found)[np.asarray(steps, np.intp)]

    return at


def read_update(now: Any, optimizer: Any, group: dict[str, Any], params: list[Any], carried_out: Any) -> Callable[[], None]:
    """What writes down the update of a group's parameters, once it has been made."""

    def after() -> None:
        kind = type(optimizer)
        if not optimizer.elementwise or carried_out not in (PLAIN, SGD_PLAIN):
            now.stop(f"{kind.__name__}'s update, which is not elementwise")
            return
        guards: list[Any] = []
        tag = f"group{len(now.updates)}"
        settings = seen(group, tag, guards)
        packs = optimizer._packs.get(id(group), ((), []))[1]
        by_param = {id(p): pack for pack in packs for p in pack.params}
        advance = Advance(optimizer, group, list(params), packs, guards)
        advance.before = [before.get(id(pack)) or advance.begun(pack) for pack in packs]
        try:
            with advance.taken_back():  # what the rule decides, it decides for the step that was made
                for p in params:
                    found = by_param.get(id(p))
                    count = counted(f"{tag}.t", found, guards) if found else 1
                    names = () if found is None else optimizer.state_numbers
                    numbers = {n: Number(f"{tag}.{n}", told(optimizer, group, found, n), guards) for n in names}
                    read_one(now, optimizer, settings, p, count, numbers)
        except (TypeError, ValueError, AttributeError) as wrong:
            now.stop(f"{kind.__name__}'s update can't be read: {wrong}")
            return
        now.updates.append(advance)

    before = {id(pack): dict(pack.numbers) for pack in optimizer._packs.get(id(group), ((), []))[1]}
    for p in params:  # before the update changes them
        now.held(p.array)
        now.held(p._grad.array)
    return after


def counted(text: str, pack: Any, guards: list[Any]) -> Number:
    """Which step of a pack's parameters it is."""
    return Number(text, lambda steps: pack.t + 1 + steps, guards)


def read_one(now: Any, optimizer: Any, settings: Group, p: Any, count: Any, numbers: dict[str, Number]) -> None:
    names = optimizer.state_for(settings)
    state = {}
    for name in names:
        holder = optimizer.state[p][name]
        state[name] = now.held(holder.array)
        now.owned_by_optimizers[id(holder.array)] = (holder, f"{name} of {len(now.owned_by_optimizers)}")
    x, g = now.symbol(p.array), Sym(now.program, now.symbol(p._grad.array).node)
    if g.dtype != x.dtype or any(s.shape != x.shape for s in state.values()):
        raise Unreadable("a gradient or a state of another kind")
    if settings.get("maximize"):
        g = -g
    rule = UPDATES.get(type(optimizer).update, optimizer.update)
    delta = rule(Sym(now.program, x.node), g, {**state, **numbers}, settings, count)
    x.into(x - delta)


PLAIN, SGD_PLAIN = Optimizer.update_group, SGD.update_group
