"""One kernel of one or several groups of maps and reductions.

Loops over many entries are cut into pieces along the outermost axis: as many as the shape says, so that results do not
depend on the number of threads, and sums over that axis are made of partial ones. Groups over the same rows go block by block.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any

from ..native import gemm
from ..native.loops import Builder, Type
from .entrywise import Ratio, Same
from .fusion import KINDS, Group
from .names import FULL, Names, Written
from .nests import Member
from .program import Node, layout

PIECES = 8  # into how many pieces a large kernel is cut, at least
LARGE = 1 << 16  # entries from which a loop is shared
FAR = 1 << 20  # bytes of an array that no near cache holds
BLOCK_BYTES = 1 << 18  # what the rows of one block take together: they are to stay in a core's second-level cache


def flushes(groups: Iterable[Group]) -> bool:
    """Whether loops do nothing but an optimizer's step that may take numbers below the normal ones for 0.

    The mean of the gradients of a weight that is no longer used shrinks until it is such a number, and with it the machine
    slows down.
    """
    maps = [n for g in groups for n in g.nodes if not isinstance(n.data, Same)]
    lines = {n.line for n in maps if isinstance(n.data, Ratio)}
    return len(lines) == 1 and maps[0].size >= FULL["f32"] and all(n.kind == "map" and n.line in lines for n in maps)


def lodged(groups: list[Group], local: set[Node]) -> dict[Node, Node]:
    """Values that only these groups need, and whose memory they may use: that of a result which takes their place at the end."""
    guests: dict[Node, Node] = {}
    for n in [n for g in groups for n in g.stored if n in local]:
        users = [g for g in groups if n not in g.nodes and any(layout(a).base is n for a in g.operands())]
        if not users or any(layout(a).base is n and a is not n for a in users[-1].operands()):
            continue
        for y in users[-1].stored:
            alike = y.kind == "map" and y not in local and y.shape == n.shape == users[-1].shape and y.dtype == n.dtype
            if alike and y not in guests.values():
                guests[n] = y
                break
    return guests


class NestWriter:
    """One kernel of one or several loop groups that run over the same rows.

    Several go block by block: each does a few rows, which then lie in the cache for the next. What only they need is kept
    for the rows of one block.
    """

    def __init__(self, groups: list[Group], names: Names, local: set[Node]) -> None:
        self.names = names
        apart = len(groups) > 1
        guests = lodged(groups, local) if apart else {}
        self.local = local - set(guests)  # what has memory of its own for the rows of one block
        self.members = [Member(g, names, apart, self.local, guests) for g in groups]
        self.rows = self.members[0].sizes[0]
        self.work = sum(prod(g.shape) * len(g.nodes) for g in groups)
        entries = sum(prod(m.sizes) for m in self.members)
        self.block = self.rows
        if apart:
            most = max(1, BLOCK_BYTES // max(sum(m.row_bytes() for m in self.members), 1))
            self.block = min(self.rows, 1 << (most.bit_length() - 1))
        self.pieces, self.span = 1, self.rows
        if entries >= LARGE:
            step = self.block if apart else self.members[0].width if len(self.members[0].sizes) == 1 else 1
            span = -(-self.rows // min(max(PIECES, entries >> 15), 128))
            self.span = min(-(-span // step) * step, self.rows)
            self.pieces = -(-self.rows // self.span)
        self.block = min(self.block, self.span)
        if apart and self.pieces > 1:
            self.look_ahead()
        self.partial = [
            (m, n) for m in self.members for n, over in zip(m.reduces, m.over) if over[0] and self.pieces > 1
        ]  # fmt: skip

    def look_ahead(self) -> None:
        """A loop that looks at entries again leaves memory idle: it asks for those of the next block."""
        seen: set[Node] = set()
        asked: set[Node] = set()
        for m in self.members:
            m.ahead = self.block
            m.soon = [a for a in m.reads if a in seen - asked and a.size * a.dtype.itemsize >= FAR and m.by_lines(a)]
            asked |= set(m.soon)
            seen |= set(m.reads)

    def kernel(self) -> Written:
        for m, n in self.partial:
            m.parts[n] = self.names.of(("partial", n), KINDS[n.dtype.char])
        used = [name for m in self.members for name in [*m.memory.values(), *m.targets.values(), *m.parts.values()]]
        kinds = {name: self.names.kinds[name] for name in used if name != "numbers"}
        if any(m.numbers for m in self.members):
            kinds["numbers"] = "f64*"
        if self.pieces > 1:
            kinds |= {"piece": "i64", "thread": "i64"}

        return Written(kinds, lambda k, given: self.write(k, given, given.get("piece"), given.get("thread")))

    def write(self, k: Builder, given: dict[str, Any], piece: Any, thread: Any) -> None:
        first: Any = 0
        last: Any = self.rows
        if piece is not None:
            first = piece * self.span
            last = k.smaller(first + self.span, k.value(last, Type("i64")))
        for _ in k.flushing() if flushes(m.group for m in self.members) else (None,):
            self.blocks(k, given, piece, thread, first, last)

    def blocks(self, k: Builder, given: dict[str, Any], piece: Any, thread: Any, first: Any, last: Any) -> None:
        for m in self.members:
            m.prepare(k, given, piece, first, last)
        if self.block >= self.span:
            self.rows_from(first, last, first, thread)
            return
        for start in k.range(first, last, self.block):
            self.rows_from(start, k.smaller(start + self.block, k.value(last, Type("i64"))), start, thread)

    def rows_from(self, first: Any, last: Any, start: Any, thread: Any) -> None:
        """Let each group do the rows of one block."""
        shift = None
        if self.local:
            shift = gemm.plus(gemm.times(-1, start), 0 if thread is None else gemm.times(thread, self.block))
        for m in self.members:
            m.shift = shift
            m.nest(0, [], first, last)
