"""Whole numbers from random words: bounded integers, as a remainder, and permutations, as a chain of exchanges.

::

    low + word mod (high - low)              one word where high - low < 2²⁸, otherwise a 64-bit one
    exchange entries i and i + word mod (n - i)    for i = 0 … n - 2      (Fisher and Yates; Durstenfeld 1964)

The remainder favours small numbers by at most one part in 16; that is PyTorch's stream.
"""

from __future__ import annotations

import numpy as np

from .draw_arguments import DIGITS, limits
from .mersenne import Words, by_machine

WIDE = 1 << 28  # from this many values on, one word would be visibly uneven
MANY = (2**32 - 1) // 20  # permutations from this length on draw 64-bit words
SHORT = 300  # shorter permutations are exchanged one by one


def between(words: Words, n: int, low: int, high: int, dtype: np.dtype) -> np.ndarray:
    """n whole numbers in [low, high), in ``dtype``, shape (n,)."""
    count = high - low
    if count < WIDE:
        if (draws := by_machine(n)) is not None:
            return draws.remainders(words.take(n), count, low).astype(dtype, copy=False)
        drawn = (words.take(n) % np.uint32(count)).astype(np.int64)
        drawn += low
        return drawn.astype(dtype, copy=False)
    drawn = words.take64(n)
    if count < 1 << 64:
        drawn %= np.uint64(count)
        drawn += np.uint64(low % (1 << 64))  # wraps around, which is what adding a negative number comes to
    return (drawn if dtype.kind == "u" else drawn.view(np.int64)).astype(dtype, copy=False)


def full_range(words: Words, n: int, dtype: np.dtype) -> np.ndarray:
    """n whole numbers from 0 to the greatest of an integer dtype, or to 2^digits of a float dtype, shape (n,)."""
    if dtype.kind == "b":
        return (words.take(n) & np.uint32(1)).astype(bool)
    count = int(limits(dtype)[1]) + 1 if dtype.kind in "iu" else (1 << DIGITS[dtype.name]) + 1
    if dtype.itemsize == 8:
        return (words.take64(n) % np.uint64(count)).astype(dtype)
    return (words.take(n) % np.uint32(count)).astype(dtype)


def permutation(words: Words, n: int) -> np.ndarray:
    """The numbers 0 … n - 1 in random order, int64 of shape (n,)."""
    if n >= MANY:
        return long_permutation(words, n)
    if (draws := by_machine(n - 1)) is not None:
        return draws.permutation(words.take(n - 1), n)
    remaining = np.arange(n, 1, -1, dtype=np.uint32)
    partners = (words.take(max(n - 1, 0)) % remaining).astype(np.int64)
    partners += np.arange(remaining.size)
    return exchanged(partners, n)


def long_permutation(words: Words, n: int) -> np.ndarray:
    """The same for very large n: entry i enters at place i and changes with a place before it, for i = 0 … n - 1.

    Seen from the end, those are the exchanges of `exchanged`, undone.
    """
    places = (words.take64(n) % np.arange(1, n + 1, dtype=np.uint64)).astype(np.int64)
    undone = exchanged((n - 1 - places)[::-1][: n - 1], n)
    order = np.empty(n, np.int64)
    order[n - 1 - undone] = np.arange(n - 1, -1, -1)
    return order


def exchanged(partners: np.ndarray, n: int) -> np.ndarray:
    """0 … n - 1 after exchanging entries i and partners[i] >= i, for i = 0 … n - 2 in turn.

    >>> exchanged(np.array([2, 1]), 3)
    array([2, 1, 0])
    """
    if n < SHORT:
        order = list(range(n))
        for i, j in enumerate(partners.tolist()):
            order[i], order[j] = order[j], order[i]
        return np.array(order, np.int64)
    return traced(np.append(partners, n - 1), n)


def traced(partners: np.ndarray, n: int) -> np.ndarray:
    """The same for many entries at once, by following each one back to where it started.

    Place i is final after step i, and then holds what place j = partners[i] held before. That is j itself if no
    earlier step chose j. Otherwise the latest such step, k, put there what place k held before step k; and that
    came, if it did not start there, from the latest step before k that had chosen k; and so on.
    """
    steps = np.arange(n)
    bits = n.bit_length()
    by_place = (partners << bits) | steps
    by_place.sort()  # in order of the place chosen, then of time
    place, step = by_place >> bits, by_place & ((1 << bits) - 1)
    again = place[1:] == place[:-1]
    before = np.full(n, -1)  # the latest earlier step with the same choice
    before[step[1:][again]] = step[:-1][again]

    origin = steps.copy()  # first: the latest step before k that chose k, or k itself
    latest = np.append(~again, True)
    origin[place[latest]] = step[latest]
    own = partners == steps
    origin[own] = np.where(before[own] >= 0, before[own], steps[own])
    while not np.array_equal(further := origin[origin], origin):
        origin = further
    return np.where(before >= 0, origin[before], partners)
