"""The Mersenne Twister MT19937: a stream of 32-bit words, and the numbers in [0, 1) that are read from it.

::

    x[k + 624] = x[k + 397] ^ twist(top bit of x[k], low 31 bits of x[k + 1])      word = temper(x[k])

(Matsumoto and Nishimura, 1998). NumPy computes the words, from the same seeds to the same stream. What is kept here
is the *place* in it, to the word: PyTorch's stream is a matter of how many words each draw consumes.

==============  ===========================================  =================
a number in     is                                           and costs
==============  ===========================================  =================
float32         (word mod 2²⁴) / 2²⁴                         one word
float64         (first · 2³² + second, mod 2⁵³) / 2⁵³        two words
uint64          first · 2³² + second                         two words
==============  ===========================================  =================
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.random import RandomState

BLOCK = 624  # words in one state of the twister; after each block the whole state is twisted once
NO_WORDS = np.empty(0, np.uint32)
OFTEN = 50  # small draws after which machine code makes them too: NumPy's calls add up to what loading it takes
MANY = 1 << 13  # words from which machine code makes them, and what is made of them

machine: Callable[[], Any] | None = None  # `native.draws`, which builds on this layer, is put here


def by_machine(n: int) -> Any:
    """The machine code that makes n words and what they become; None for few of them, or where there is none."""
    if n < MANY or machine is None:
        return None
    draws = machine()
    return draws if draws.ready() else None


class Words:
    """The words after a seed, with a cursor.

    The source always stands at the end of a block, and that block is held here: a few words are a slice of it.

    >>> words = Words(0)
    >>> words.take(2), words.take(1)
    (array([2357136044, 2546248239], dtype=uint32), array([3071714933], dtype=uint32))
    """

    __slots__ = ("_seed", "_source", "_key", "_block", "_numbers", "_cursor", "_small")

    def __init__(self, seed: int) -> None:
        self._source: RandomState | None = None
        self._small = 0  # small draws that machine code could have made
        self._key: np.ndarray | None = None  # the state, once machine code has gone on from the source's
        self.restart(seed)

    def restart(self, seed: int) -> None:
        """Go to the first word after ``seed``, of which the low 32 bits count."""
        self._seed, self._key = seed & 0xFFFFFFFF, None
        if self._source is not None:
            self._source.seed(self._seed)
        self._empty()

    def _empty(self) -> None:
        """Hold no words: the next one opens a block."""
        self._block, self._cursor = NO_WORDS, BLOCK
        self._numbers: list[int] = []  # the block as Python's integers, when they are wanted

    @property
    def source(self) -> RandomState:
        """NumPy's generator, made when the first word is asked for: importing numpy.random takes 20 ms."""
        if self._source is None:
            from numpy.random import RandomState

            self._source = RandomState(self._seed)
        return self._source

    def take(self, n: int) -> np.ndarray:
        """The next n words, shape (n,): from `MANY` on in memory of their own, fewer as a view that is not to be written to."""
        start, stop = self._cursor, self._cursor + n
        if stop <= BLOCK:
            self._cursor = stop
            return self._block[start:stop]
        held, blocks = BLOCK - start, -(-(stop - BLOCK) // BLOCK)
        words = np.empty(held + blocks * BLOCK, np.uint32)
        if held:
            words[:held] = self._block[start:]
        self._twist(words[held:])
        self._block, self._numbers = words[-BLOCK:].copy(), []  # a view would keep all the words alive
        self._cursor = stop - blocks * BLOCK
        return words[:n]

    def _twist(self, out: np.ndarray) -> None:
        """Fill a whole number of blocks."""
        draws = by_machine(out.size if self._key is None else MANY)
        if draws is None:
            out[...] = self.source.randint(0, 1 << 32, size=out.size, dtype=np.uint32)
            return
        if self._key is None:
            self._key = self.source.get_state(legacy=False)["state"]["key"]
        draws.words(self._key, out)

    def machine_for(self, n: int) -> Any:
        """`by_machine`; for few words too, once so many small draws have been made that loading the code pays."""
        if n < MANY:
            self._small += 1
            if self._small < OFTEN:
                return None
        return by_machine(max(n, MANY))

    def take_own(self, n: int) -> np.ndarray:
        """The next n words in memory that may be written to, shape (n,)."""
        words = self.take(n)
        return words if n > BLOCK else words.copy()

    def take64(self, n: int) -> np.ndarray:
        """The next n 64-bit words, shape (n,)."""
        pairs = self.take(2 * n)
        return (pairs[0::2].astype(np.uint64) << np.uint64(32)) | pairs[1::2]

    def floats(self, n: int) -> np.ndarray:
        """The next n float32 numbers in [0, 1), shape (n,)."""
        if (draws := by_machine(n)) is not None:
            return draws.floats(self.take(n), 0.0, 1.0)
        low = self.take(n) & np.uint32(0xFFFFFF)
        unit = low.view(np.int32).astype(np.float32)  # processors convert signed integers faster
        unit *= np.float32(2.0**-24)
        return unit

    def doubles(self, n: int) -> np.ndarray:
        """The next n float64 numbers in [0, 1), shape (n,)."""
        if (draws := by_machine(2 * n)) is not None:
            return draws.doubles(self.take(2 * n))
        pairs = self.take(2 * n)
        unit = (pairs[0::2] & np.uint32(0x1FFFFF)) * 2.0**-21
        unit += pairs[1::2] * 2.0**-53  # exact: the two parts share no bit
        return unit

    def double(self) -> float:
        """The next float64 number in [0, 1)."""
        at = self._cursor
        if at + 2 > BLOCK:
            return float(self.doubles(1)[0])
        numbers = self._numbers
        if not numbers:
            numbers = self._numbers = self._block.tolist()
        self._cursor = at + 2
        return (numbers[at] & 0x1FFFFF) * 2.0**-21 + numbers[at + 1] * 2.0**-53

    def place(self) -> tuple[np.ndarray, int]:
        """Where the stream stands: the 624 untempered words of the block, and how many of them are used.

        Before the first word, the twist that makes the first block is still to come: the words are then the seed's,
        and "how many" is 0.
        """
        if self._source is None:
            return seeded(self._seed), 0
        key = self.source.get_state(legacy=False)["state"]["key"] if self._key is None else self._key.copy()
        return key, self._cursor if self._block.size else 0

    def go_to(self, key: np.ndarray, used: int, twisted: bool = True) -> None:
        """Continue from a place: ``used`` words of a block that is ``twisted``, or the twist is still to come."""
        position = 0 if twisted else BLOCK
        self.source.set_state({"bit_generator": "MT19937", "state": {"key": key, "pos": position}})
        self._key = None
        self._empty()
        if twisted:
            self.take(BLOCK)
            self._cursor = used


def seeded(seed: int) -> np.ndarray:
    """The words of a seed, before the first twist: x[k + 1] = 1812433253 (x[k] ^ x[k] >> 30) + k + 1.

    >>> seeded(0)[:3].tolist()
    [0, 1, 1812433255]
    """
    words = [seed]
    for k in range(1, BLOCK):
        words.append((1812433253 * (words[-1] ^ words[-1] >> 30) + k) & 0xFFFFFFFF)
    return np.array(words, np.uint32)
