"""The k first entries of a line in the order in which C++'s standard library leaves them, which PyTorch's `topk` shows.

Of equal entries these algorithms keep now the one and now the other. They are Musser's introspective selection and sort
(1997, "Introspective sorting and selection algorithms"): partition about the median of three, insertion for short
stretches, a heap where partitions get too unequal; and, where k is small against n, a heap of the k best so far.
``q`` is a list of places, ``key`` what they are ordered by.
"""

from __future__ import annotations

import numpy as np

SHORT = 16  # stretches up to this length are left to the last pass of the sort


def first_places(line: np.ndarray, k: int, largest: bool, ordered: bool) -> list[int]:
    """The places of the k largest (or smallest) entries; NaN counts as larger than any number."""
    _, rank = np.unique(line, return_inverse=True)
    key = (-rank if largest else rank).tolist()
    q = list(range(len(key)))
    if 64 * k <= len(q):
        partial_sort(q, 0, k, len(q), key)
    else:
        nth_element(q, k - 1, key)
        if ordered:
            sort(q, 0, k - 1, key)
    return q[:k]


MOST = 1 << 18  # entries in lines with ties; of more than so many it would take seconds to tell equal ones apart


def as_selected(x: np.ndarray, found: np.ndarray, dim: int, largest: bool, ordered: bool) -> np.ndarray:
    """The places found along an axis, best first, in the order of `first_places` on the lines where that may be another."""
    if not found.size:
        return found
    k, n = found.shape[dim], x.shape[dim]
    lines, places = x.swapaxes(dim, -1).reshape(-1, n), found.swapaxes(dim, -1)
    chosen = places.reshape(-1, k)
    again = np.arange(len(lines)) if not ordered else tied(lines, chosen)
    if not again.size or again.size * n > MOST:
        return found
    chosen = chosen.copy()
    for i in again:
        chosen[i] = first_places(lines[i], k, largest, ordered)
    return chosen.reshape(places.shape).swapaxes(dim, -1)


def tied(lines: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The lines in which two of the chosen entries are equal, or the last of them has an equal that was not chosen."""
    top = lines[np.arange(len(lines))[:, None], chosen]
    last = top[:, -1:]
    ties = (top[:, 1:] == top[:, :-1]).any(-1) | ((lines == last).sum(-1) > (top == last).sum(-1))
    return np.flatnonzero(ties | (top != top).any(-1))


# ---------------------------------------------------------------------- selection and sort


def nth_element(q: list[int], nth: int, key: list[int]) -> None:
    """Put at ``nth`` what would be there in order, nothing larger before it and nothing smaller behind."""
    first, last = 0, len(q)
    depth = 2 * (last.bit_length() - 1)
    while last - first > 3:
        if depth == 0:
            heap_select(q, first, nth + 1, last, key)
            q[first], q[nth] = q[nth], q[first]
            return
        depth -= 1
        cut = partition(q, first, last, key)
        first, last = (cut, last) if cut <= nth else (first, cut)
    insertion_sort(q, first, last, key)


def sort(q: list[int], first: int, last: int, key: list[int]) -> None:
    if last > first:
        in_stretches(q, first, last, key, 2 * ((last - first).bit_length() - 1))
        insertion_sort(q, first, last, key)


def in_stretches(q: list[int], first: int, last: int, key: list[int], depth: int) -> None:
    """Partition until no stretch is longer than `SHORT`."""
    while last - first > SHORT:
        if depth == 0:
            partial_sort(q, first, last, last, key)
            return
        depth -= 1
        cut = partition(q, first, last, key)
        in_stretches(q, cut, last, key, depth)
        last = cut


def insertion_sort(q: list[int], first: int, last: int, key: list[int]) -> None:
    """Equal entries keep their order in an insertion sort, so any stable sort gives the same."""
    q[first:last] = sorted(q[first:last], key=key.__getitem__)


def partition(q: list[int], first: int, last: int, key: list[int]) -> int:
    """Partition about the median of the second, the middle and the last entry, which goes to the front."""
    a, b, c = first + 1, first + (last - first) // 2, last - 1
    x, y, z = key[q[a]], key[q[b]], key[q[c]]
    if x < y:
        median = b if y < z else c if x < z else a
    else:
        median = a if x < z else c if y < z else b
    q[first], q[median] = q[median], q[first]
    pivot, i, j = key[q[first]], first + 1, last
    while True:
        while key[q[i]] < pivot:
            i += 1
        j -= 1
        while pivot < key[q[j]]:
            j -= 1
        if i >= j:
            return i
        q[i], q[j] = q[j], q[i]
        i += 1


# ---------------------------------------------------------------------- heaps, the worst of their entries first


def partial_sort(q: list[int], first: int, middle: int, last: int, key: list[int]) -> None:
    """The best entries of ``first … last`` in order at ``first … middle``."""
    heap_select(q, first, middle, last, key)
    for end in range(middle - 1, first, -1):
        pop(q, first, end, end, key)


def heap_select(q: list[int], first: int, middle: int, last: int, key: list[int]) -> None:
    size = middle - first
    for top in range((size - 2) // 2, -1, -1):
        sink(q, first, top, size, q[first + top], key)
    for i in range(middle, last):
        if key[q[i]] < key[q[first]]:
            pop(q, first, middle, i, key)


def pop(q: list[int], first: int, end: int, to: int, key: list[int]) -> None:
    """Move the front of the heap ``first … end`` to ``to``, and what was there into the heap."""
    value, q[to] = q[to], q[first]
    sink(q, first, 0, end - first, value, key)


def sink(q: list[int], first: int, hole: int, size: int, value: int, key: list[int]) -> None:
    """Let the hole fall to a leaf, the worse child moving up each time, and from there ``value`` rise to its place."""
    top, child = hole, hole
    while child < (size - 1) // 2:
        child = 2 * child + 2
        if key[q[first + child]] < key[q[first + child - 1]]:
            child -= 1
        q[first + hole] = q[first + child]
        hole = child
    if size % 2 == 0 and child == (size - 2) // 2:
        child = 2 * child + 1
        q[first + hole] = q[first + child]
        hole = child
    parent = (hole - 1) // 2
    while hole > top and key[q[first + parent]] < key[value]:
        q[first + hole] = q[first + parent]
        hole, parent = parent, (parent - 1) // 2
    q[first + hole] = value
