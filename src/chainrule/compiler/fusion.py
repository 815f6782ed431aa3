"""Which values are computed together: maps and reductions over the same entries become one loop.

    Loop      maps over one shape, and reductions of them; what others need of it is stored
    Product   a matrix product
    Join      values one after the other
    Added     rows added up by number
    Called    an op's own code on arrays

A mask that is made of inputs in a few instructions is made again in each loop that needs it, and never stored. Any other
value joins the loop that computes its operands if it runs over the same entries, else the first later one that does; so
an update of a parameter, or the whole of a formula and its derivative, is one pass over memory. What is to be left in
an array from outside is written there at once, where nobody needs the old entries any more.
"""

from __future__ import annotations

from functools import cache
from math import prod
from typing import Any

from ..native.loops import Builder, Type, Value
from ..native.vecmath import Unlowered, lower
from .batching import MANY, batched
from .program import COMPUTED, Layout, Node, Program, dense, layout, stretched

KINDS = {"f": "f32", "d": "f64", "?": "i8", "l": "i64"}  # what memory holds, by NumPy's letter for a dtype
MOST = 24  # values that one loop over a large array may read and write
FEW = 6  # values read by a loop up to which one more part of the same statement joins it
HEAVY = 1 << 20
CHEAP = {"Eq", "Ne", "Lt", "Le", "Gt", "Ge", "Where", "As", "Nth"}  # less to do than to load what they give
SMALL = 4096  # entries up to which anything may join


class Group:
    """Values that are computed together, in one of three ways."""

    def __init__(self, kind: str, shape: tuple[int, ...], nodes: list[Node]) -> None:
        self.kind, self.shape, self.nodes = kind, shape, nodes
        self.stored: list[Node] = []  # of a loop: what others need
        self.level = 0  # how many groups must come one after the other before it; a large one counts as many

    def operands(self) -> list[Node]:
        """What it reads from memory, each once."""
        own = set(self.nodes)
        args = [a for n in self.nodes for a in n.args if a not in own]
        found = dict.fromkeys(a for a in args if a.size > 1 or a.kind not in ("constant", "number"))
        return list(found)


class Schedule:
    """A program as groups in order, and where each value is kept: `place` is the node whose memory holds it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.nodes = program.live()
        self.groups: list[Group] = []
        self.of: dict[Node, int] = {}  # the group that computes a value
        self.place: dict[Node, Node] = {}
        self.copies: list[tuple[Node, Node]] = []  # (input, value): written at the very end
        self.readers: dict[Node, list[tuple[int, Node, Node]]] = {}  # of inputs: (group, value, operand)
        self.targets = {v: i for i, v in program.writes.items()}
        self.awaited = self.find_awaited()
        self.cheap = self.find_cheap()
        for node in self.nodes:
            if node in self.cheap:
                continue
            if node.kind in ("map", "reduce"):
                self.join(node)
            elif node.kind == "dot":
                self.alone("product", node)
            elif node.kind in ("join", "added"):
                self.alone(node.kind, node)
            elif node.kind == "call":
                self.alone("called", node)
            elif node.kind == "part":
                self.of[node] = self.of[node.args[0]]
            if node in self.of and node.kind != "part":
                for a in looked_at(node):
                    if layout(a).base.kind == "input":
                        self.readers.setdefault(layout(a).base, []).append((self.of[node], node, a))
        self.find_stored()
        self.find_places()
        self.batches: list[list[Group]] = batched(self)
        self.turn = {n: i for i, batch in enumerate(self.batches) for g in batch for n in g.nodes}
        self.turn |= {n: self.turn[n.args[0]] for n in self.nodes if n.kind == "part"}

    def find_awaited(self) -> set[Node]:
        """Values that something else than maps of their own shape is, at some distance, computed from.

        The others, such as parts of an optimizer's update, may as well be computed late, in a loop that runs anyway.
        """
        found: set[Node] = set()
        for node in reversed(self.nodes):
            for a in node.args:
                if node in found or node.kind != "map" or a.shape != node.shape:
                    found.add(a)
        return found

    def find_cheap(self) -> set[Node]:
        """Large values that loops make anew where they need them, of inputs that nobody writes to."""
        users: dict[Node, list[Node]] = {}
        for node in self.nodes:
            for a in node.args:
                users.setdefault(a, []).append(node)
        ends = {layout(x).base for x in [*self.program.results, *self.program.writes.values()]}
        still = {"input", "constant", "number"}
        found: set[Node] = set()
        for node in self.nodes:
            if node.kind != "map" or node.size < MANY or type(node.data).__name__ not in CHEAP or node in ends or not lowers(node):
                continue
            bases = [layout(a).base for a in node.args]
            known = all(a in found or b.kind in still and b not in self.program.writes for a, b in zip(node.args, bases))
            if known and all(u.kind == "reduce" or u.kind == "map" and u.shape == node.shape and lowers(u) for u in users[node]):
                found.add(node)
        return found

    def put(self, node: Node, group: Group) -> None:
        """Let a loop compute one more value, and what of its operands is made anew everywhere."""
        for a in node.args:
            if a in self.cheap and a not in group.nodes:
                self.put(a, group)
        group.nodes.append(node)

    def alone(self, kind: str, node: Node) -> None:
        made = [self.after(i) for i in map(self.made_in, node.args) if i >= 0]
        self.of[node] = len(self.groups)
        self.groups.append(Group(kind, node.shape, [node]))
        self.groups[-1].level = max(made, default=0)

    def after(self, i: int) -> int:
        """The level of what needs a group; behind a large one it is another world."""
        return self.groups[i].level + (1 if prod(self.groups[i].shape) < MANY else HEAVY)

    def made_in(self, node: Node) -> int:
        return self.of.get(layout(node).base, -1)

    def join(self, node: Node) -> None:
        """Put a map or a reduction where its operands are at hand."""
        if node.kind == "map" and not lowers(node):
            self.alone("called", node)
            return
        shape = node.shape if node.kind == "map" else node.args[0].shape
        earliest, friends = 0, set()
        for a in node.args:
            made = self.made_in(a)
            if made < 0:
                continue
            group = self.groups[made]
            within = group.kind == "loop" and group.shape == shape and a.kind == "map" and a in group.nodes
            friends.add(made if within else -1)
            earliest = max(earliest, made if within else made + 1)
        if node in self.targets:  # after those that need what is there
            target = self.targets[node]
            for i, reader, a in self.readers.get(target, []):
                alike = self.groups[i].kind == "loop" and self.groups[i].shape == shape and a is target and reader.kind == "map"
                earliest = max(earliest, i if alike else i + 1)
        size = node.size if node.kind == "map" else node.args[0].size
        level = max([self.groups[i].level if i in friends else self.after(i) for i in map(self.made_in, node.args) if i >= 0], default=0)
        for i in range(earliest, len(self.groups)):
            group = self.groups[i]
            if group.kind != "loop" or group.shape != shape or group.level < level:
                continue
            if group.level > level and i not in friends and node in self.awaited:
                continue
            if size <= SMALL or i in friends or self.shares(node, group) or self.belongs(node, group):
                self.put(node, group)
                self.of[node] = i
                return
        self.of[node] = len(self.groups)
        self.groups.append(Group("loop", shape, []))
        self.put(node, self.groups[-1])
        self.groups[-1].level = level

    def shares(self, node: Node, group: Group) -> bool:
        """Whether a large loop should take in one more value: it reads what the loop reads already."""
        operands = group.operands()
        return len(operands) < MOST and any(a in operands for a in node.args if a.size > 1)

    def belongs(self, node: Node, group: Group) -> bool:
        """Whether a value stands in the same line of the source, such as one more part of an optimizer's state."""
        return node.line is not None and group.nodes[-1].line == node.line and len(group.operands()) <= FEW

    def find_stored(self) -> None:
        """What is needed outside of the loop that computes it: by others, through a view, or at the end."""
        ends = {*self.program.results, *self.program.writes.values()}
        needed = {layout(e).base for e in ends}
        for node in self.nodes:
            for a in node.args:
                here = self.of.get(node)
                same = a.kind in ("map",) and here is not None and self.of.get(a) == here and node.kind in ("map", "reduce")
                if not same and a not in self.cheap:
                    needed.add(layout(a).base)
        for group in self.groups:
            if group.kind == "loop":
                group.stored = [n for n in group.nodes if n in needed or n.kind == "reduce"]

    def find_places(self) -> None:
        """Let values that are to be left in an input be computed there, where nobody needs its old entries afterwards."""
        readers = self.readers
        outlives = {layout(r).base for r in self.program.results}
        outlives |= {layout(v).base for i, v in self.program.writes.items() if layout(v).base is not i and layout(v).base.kind == "input"}
        taken: set[Node] = set()
        for target, value in self.program.writes.items():
            home = self.of.get(value)
            plain = value.kind in COMPUTED and value not in taken and target.data.strides == dense(target.shape)
            if plain and home is not None and target not in outlives and self.groups[home].kind != "called":
                group = self.groups[home]
                safe = all(
                    i < home or i == home and group.kind == "loop" and group.shape == value.shape and value.kind == "map"
                    and a is target and a.shape == group.shape
                    for i, _, a in readers.get(target, [])
                )
                if safe and not self.read_twice(target, group):
                    self.place[value] = target
                    taken.add(value)
                    if value not in group.stored and group.kind == "loop":
                        group.stored.append(value)
                    continue
            self.copies.append((target, value))

    def read_twice(self, target: Node, group: Group) -> bool:
        """Whether a loop also sees the input it writes to through a view."""
        return any(layout(a).base is target and a is not target for a in group.operands())

    def local(self, batch: list[Group]) -> set[Node]:
        """Values that nobody outside of these groups needs, one row at a time."""
        if len(batch) < 2:
            return set()
        within = {n for g in batch for n in g.nodes}
        rows = batch[0].shape[0]
        found = {n for g in batch for n in g.stored if n.kind == "map" and n.shape[:1] == (rows,) and n not in self.place}
        found -= {layout(x).base for x in [*self.program.results, *self.program.writes.values()]}
        return found - {layout(a).base for n in self.nodes if n not in within and n.kind != "view" for a in n.args}

    def home(self, node: Node) -> Node:
        """The node whose memory holds a value's entries."""
        base = layout(node).base
        return self.place.get(base, base)


def looked_at(node: Node) -> list[Node]:
    """A value's operands, and those of the calls whose memory it is given: what an op keeps may be what it was given."""
    kept = [b for a in node.args if a.kind == "part" and a.dtype == object for b in a.args[0].args]
    return [*node.args, *kept]


def lowers(node: Node) -> bool:
    """Whether an op can be read on lanes of these kinds."""
    kinds = tuple(a.dtype.char for a in node.args)
    return node.dtype.char in KINDS and all(k in KINDS for k in kinds) and tried(node.data, kinds, node.dtype.char)


@cache
def tried(op: Any, kinds: tuple[str, ...], result: str) -> bool:
    k = Builder()
    lanes = [Value(k, "trial", Type("i1" if c == "?" else KINDS[c], 16)) for c in kinds]
    try:
        y = read(op, k, lanes)
        return bool(y.type.kind == ("i1" if result == "?" else KINDS[result]))
    except (Unlowered, TypeError, AttributeError, StopIteration):
        return False


def read(op: Any, k: Builder, lanes: list[Any]) -> Any:
    return lower(k, op, tuple(lanes))


def access(node: Node, shape: tuple[int, ...]) -> Layout:
    """Where a loop over a shape finds the entries of an operand."""
    return stretched(node, shape)
