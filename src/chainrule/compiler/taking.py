"""A loop that takes a product's entries as they are made (`consumers`), as a kernel: columns j … j_end of rows i … i_end.

    some(table, c, i, i_end, j, j_end, thread)      ``c`` is where entry (0, 0) of the product would lie

In the last of many steps the entries go where they are to be left, if they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..native.loops import Builder, Lanes
from .fusion import KINDS, Group
from .names import Names, Written
from .nests import Member
from .program import Node, layout

TAKEN = {"c": "ptr", "i": "i64", "i_end": "i64", "j": "i64", "j_end": "i64", "thread": "i64"}  # what it is told of the product


class Taker(Member):
    """The loop; ``row`` is how far apart the product's rows lie where they wait."""

    def __init__(self, group: Group, product: Node, names: Names, row: int) -> None:
        self.product = product
        super().__init__(group, names, True, set(), {})
        self.steps[product] = [row, 1]
        self.left = names.memory(product) if product in names.schedule.place else ""
        self.streams = [a for a, steps in self.steps.items() if a is not product and self.by_lines(a) and steps[0] == group.shape[1]]

    def place(self, node: Node) -> str:
        return "c" if layout(node).base is self.product else super().place(node)

    def kernel(self) -> Written:
        used = [name for name in [*self.memory.values(), *self.targets.values()] if name not in ("c", "numbers")]
        used += [self.left] * bool(self.left)
        kinds = {"c": KINDS[self.product.dtype.char] + "*"} | {name: self.names.kinds[name] for name in used}
        if self.numbers:
            kinds["numbers"] = "f64*"
        if self.left:
            kinds["last"] = "i64"
        return Written(kinds | dict.fromkeys(("i", "i_end", "j", "j_end"), "i64"), self.write)

    def write(self, k: Builder, given: dict[str, Any]) -> None:
        self.prepare(k, given, None, 0, 0)
        for i in k.range(given["i"], k.where(given["last"] > 0, given["i_end"], given["i"])) if self.left else ():
            for at in self.columns(k, given):
                given[self.left][at + i * self.group.shape[1]] = given["c"][at + i * self.steps[self.product][0]]
        for i in k.range(given["i"], given["i_end"]):
            for at in self.columns(k, given):
                self.entry([i], at)
                for a in self.streams:  # of the next row
                    place = self.offset(self.reads[a].offset, self.steps[a], [i], at)
                    k.prefetch(given[self.memory[a]], place.start + self.group.shape[1])

    def columns(self, k: Builder, given: dict[str, Any]) -> Iterator[Lanes]:
        """Vectors of a row's piece, all but its last one of which end where a vector does."""
        if self.group.shape[1] % self.width:
            return k.vectors(given["j_end"], self.width, start=given["j"])
        return (Lanes(j, self.width) for j in k.range(given["j"], given["j_end"], self.width))
