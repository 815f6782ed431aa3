"""Running sums and extremes of vectors, with several accumulators in turn, so that none waits for the one before it.

    Σ x        max x        min x

An addition takes a processor four cycles, a largest entry as many, and two of either can begin in each.
"""

from __future__ import annotations

from .loops import Builder, Type, Value


class Sum:
    """A running sum of vectors."""

    def __init__(self, k: Builder, ways: int, width: int, kind: str = "f32") -> None:
        self.k, self.kind = k, kind
        self.parts = [k.variable(0, Type(kind, width)) for _ in range(ways)]

    def add(self, x: Value) -> None:
        part = self.parts[self.k.copy % len(self.parts)]
        part.value = part.value + x

    def add_product(self, x: Value, y: Value) -> None:
        part = self.parts[self.k.copy % len(self.parts)]
        part.value = self.k.fma(x, y, part.value)

    def total(self) -> Value:
        """The sum over all lanes, in a fixed order."""
        values = [part.value for part in self.parts]
        while len(values) > 1:
            values = [a + b for a, b in zip(values[::2], values[1::2])] + values[len(values) & ~1 :]
        return self.k.lanes_to_one("sum", values[0])


class Extreme:
    """The largest (or smallest) of vectors, NaN if one entry is.

    To carry NaN along from comparison to comparison takes five instructions, each of which waits for the one before it; so it
    is looked out for by itself, and the comparisons leave it out.
    """

    def __init__(self, k: Builder, how: str, ways: int, width: int, kind: str = "f32") -> None:
        self.k, self.how = k, how
        self.free = float("-inf") if how == "largest" else float("inf")
        self.parts = [k.variable(self.free, Type(kind, width)) for _ in range(ways)]
        self.wrong = k.variable(0, Type("i1", width))

    def add(self, x: Value) -> None:
        part = self.parts[self.k.copy % len(self.parts)]
        part.value = self.further(x, part.value)
        self.wrong.value = self.wrong.value | (x != x)

    def further(self, x: Value, y: Value) -> Value:
        """Of two vectors, the second where one is NaN: what one instruction gives."""
        return self.k.where(x > y if self.how == "largest" else x < y, x, y)

    def total(self) -> Value:
        """The largest (or smallest) over all lanes."""
        k, values = self.k, [part.value for part in self.parts]
        while len(values) > 1:
            values = [self.further(a, b) for a, b in zip(values[::2], values[1::2])] + values[len(values) & ~1 :]
        all_lanes = k.where(self.wrong.value, float("nan"), values[0])
        return k.lanes_to_one("largest", all_lanes) if self.how == "largest" else -k.lanes_to_one("largest", -all_lanes)
