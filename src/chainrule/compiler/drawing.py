"""Random numbers in a program: words of a generator's stream, drawn ahead for many steps, and what is made of them.

A draw is an input that holds other entries in each step. Where the numbers are a matter of a word or two each (masks of
dropout, `bernoulli`, `rand`), the words are drawn, for many steps at once, and machine code makes numbers of them where it
uses them; any other draw is made by its own code before the steps. Either way the numbers are those that the steps would
have drawn one after the other, and the generator then stands where they would have left it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..base.random import Generator, default_generator
from ..graph.op import Elementwise
from ..native.draws import unit, unit64
from ..native.loops import Type
from .feeding import Feed
from .program import Input, Node, Program
from .symbolic import Sym

AT_ONCE = 1 << 22  # bytes that are drawn ahead of many steps: they are to stay in the cache
SMALL = 1 << 16  # bytes that are rather copied than read where they were drawn
LETTERS = {"f": "f32", "d": "f64"}


class Drawn(Input):
    """What a draw puts into an input before each step: ``count`` words of a stream, or without a count what ``call`` gives."""

    def __init__(self, what: str, generator: Generator, call: Callable[[], np.ndarray], array: np.ndarray, count: int = 0) -> None:
        super().__init__(array)
        self.what, self.generator, self.call, self.count = what, generator, call, count

    def told(self) -> str:
        return f"{self.count} random words" if self.count else f"drawn: {self.what}"

    def draw(self, like: Node) -> np.ndarray:
        """The next numbers, or the words for them."""
        return shaped(self.generator.words(self.count), like) if self.count else self.call()


class Kept(Elementwise, abstract=True):
    """y = value with probability p, else 0: whether the number in [0, 1) that two words are is less than p"""

    fields = ("p", "value", "char")
    lane = "forward"
    differentiable = False

    def compute(self, pair: Any) -> Any:
        return np.where(doubles(pair) < self.p, self.value, 0).astype(self.char)

    def forward(self, pair: Any) -> Any:
        k = pair.k
        chosen, nothing = (k.value(x, Type(LETTERS[self.char], pair.type.lanes)) for x in (self.value, 0.0))
        return k.where(unit64(k, pair) < self.p, chosen, nothing)


class Single(Elementwise, abstract=True):
    """The float32 in [0, 1) that one word is"""

    lane = "forward"
    differentiable = False

    def compute(self, word: Any) -> Any:
        return ((word.view(np.int32) & 0xFFFFFF) * 2.0**-24).astype(np.float32)

    def forward(self, word: Any) -> Any:
        return unit(word.k, word.k.bits("i32", word))


class Double(Elementwise, abstract=True):
    """The float64 in [0, 1) that two words are"""

    lane = "forward"
    differentiable = False

    def compute(self, pair: Any) -> Any:
        return doubles(pair)

    def forward(self, pair: Any) -> Any:
        return unit64(pair.k, pair)


def doubles(pair: np.ndarray) -> np.ndarray:
    words = np.ascontiguousarray(pair).view(np.uint32).reshape(*pair.shape, 2)
    return (words[..., 0] & np.uint32(0x1FFFFF)) * 2.0**-21 + words[..., 1] * 2.0**-53


# ---------------------------------------------------------------------- while a step is recorded


def drawn(program: Program, name: str, call: Callable[[], np.ndarray], given: tuple[Any, ...], result: np.ndarray) -> Sym:
    """The numbers that ``name(*given)`` drew, as a symbol."""
    generator = given[0] if isinstance(given[0], Generator) else default_generator
    rest = given[1:] if isinstance(given[0], Generator) else given
    op = made_of_words(name, rest, result)
    what = f"{name}({', '.join(map(str, rest))})"
    if op is None:
        node = program.add("input", (), result.shape, result.dtype, Drawn(what, generator, call, result))
        program.draws.append(node)
        return Sym(program, node)
    single = isinstance(op, Single)
    words = np.empty(result.shape, np.float32 if single else np.int64)
    node = program.add("input", (), words.shape, words.dtype, Drawn(what, generator, call, words, words.size * (2 - single)))
    program.draws.append(node)
    return Sym(program, program.add("map", (node,), result.shape, result.dtype, op))


def made_of_words(name: str, given: tuple[Any, ...], result: np.ndarray) -> Elementwise | None:
    """What makes each number of a word or two; None where it takes more."""
    kind = result.dtype
    if kind.char not in "fd" or not result.size:
        return None
    if name in ("noise", "keep") and given[1] < 1:
        share = 1 - given[1]
        one = kind.type(1)
        return Kept(share, float(one / kind.type(share) if name == "noise" else one), kind.char)
    if name == "bernoulli":
        return Kept(float(given[0]), 1.0, kind.char)
    if name == "uniform" and tuple(given[2:]) in ((), (0.0,), (0.0, 1.0)):
        return Single() if kind.char == "f" else Double()
    return None


def in_turn(program: Program, call: Callable[..., Any]) -> None:
    """Have each draw made in its turn, by Python, because others are: the stream is one."""
    for node in program.draws:
        drawing = node.data
        made = Node("call", (), (), np.dtype(object), call(f"draw {drawing.what}", lambda d=drawing, n=node: (d.draw(n),)), node.line)
        program.nodes.insert(program.nodes.index(node), made)
        node.kind, node.args, node.data = "part", (made,), 0
    program.draws.clear()


# ---------------------------------------------------------------------- before steps are taken


class Draws:
    """The draws of a program's steps."""

    def __init__(self, program: Program) -> None:
        self.nodes = program.draws
        self.rooms: dict[Node, np.ndarray] = {}
        self.per_step = sum(n.data.count for n in self.nodes)
        together = all(n.data.count for n in self.nodes) and len({id(n.data.generator) for n in self.nodes}) == 1
        self.generator = self.nodes[0].data.generator if together else None
        self.most = max(1, AT_ONCE // max(1, sum(n.size * n.dtype.itemsize for n in self.nodes)))  # steps at once

    def room(self, node: Node) -> np.ndarray:
        """Where a step finds the numbers of a draw."""
        if node not in self.rooms:
            self.rooms[node] = np.empty(node.shape, node.dtype)
        return self.rooms[node]

    def ahead(self, steps: int) -> dict[Node, np.ndarray]:
        """What each draw gives: (steps, …)."""
        if self.generator is None:
            found = {n: np.empty((steps, *n.shape), n.dtype) for n in self.nodes}
            for i in range(steps):
                for node, values in found.items():
                    values[i] = node.data.draw(node)
            return found
        words, at, parts = self.generator.words(steps * self.per_step).reshape(steps, -1), 0, {}
        for node in self.nodes:
            parts[node] = words[:, at : at + node.data.count]
            at += node.data.count
        return parts

    def once(self, put: Callable[[Node, np.ndarray], None]) -> None:
        """Draw for one step."""
        for node in self.nodes:
            array = node.data.draw(node)
            if array.nbytes <= SMALL or address_of(array) % array.itemsize:
                room = self.room(node)
                room[...] = array
                array = room
            put(node, array)

    def many(self, steps: int, put: Callable[[Node, np.ndarray], None]) -> list[Feed]:
        """Draw for many steps; gives what lays before each the numbers that are its own."""
        found = []
        for node, values in self.ahead(steps).items():
            put(node, self.room(node))
            if node.size:
                found.append(Feed(self.room(node), values, None))
        return found


def shaped(words: np.ndarray, like: Node) -> np.ndarray:
    """Words as the entries of a value."""
    return words.view(like.dtype).reshape(like.shape)


def address_of(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])
