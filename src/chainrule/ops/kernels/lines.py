"""Pooling geometry, one axis at a time.

The largest (or the sum) over a rectangle is found along one axis after the other, so pooling needs only windows on a
line: at place i, tap t reads entry s·i + d·t − p, if there is one. Taps that fall on padding are left out rather than
filled in: nothing is copied, and it makes no difference what padding would have held.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from ...base.errors import ShapeError, message
from .windows import Sizes, times


class Tap(NamedTuple):
    """One tap of the kernel: the entries it reads, and the places where it reads them."""

    number: int
    entries: slice
    places: slice


class Line(NamedTuple):
    """The windows of a pooling kernel along one axis."""

    size: int
    kernel: int
    stride: int
    padding: int
    dilation: int
    out: int

    @property
    def full(self) -> bool:
        """Whether every tap reads an entry at every place."""
        return self.padding == 0 and (self.out - 1) * self.stride + self.reach <= self.size

    @property
    def reach(self) -> int:
        """How many entries the kernel spans."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def apart(self) -> bool:
        """Whether no entry is read twice."""
        return self.stride >= self.reach or self.out == 1

    @property
    def tiles(self) -> bool:
        """Whether every entry is read exactly once."""
        return self.full and self.stride == self.kernel and self.dilation == 1 and self.out * self.stride == self.size


@lru_cache(maxsize=1024)
def taps(line: Line) -> tuple[Tap, ...]:
    """The taps that read anything at all.

    >>> taps(Line(size=4, kernel=2, stride=2, padding=1, dilation=1, out=3))[0]
    Tap(number=0, entries=slice(1, 4, 2), places=slice(1, 3, None))
    """
    found = []
    n, k, s, p, d, m = line
    for t in range(k):
        first = max(0, -((d * t - p) // s))  # the least i with s·i + d·t − p ≥ 0
        last = min(m - 1, (n - 1 + p - d * t) // s)
        if first <= last:
            start = s * first + d * t - p
            found.append(Tap(t, slice(start, start + s * (last - first) + 1, s), slice(first, last + 1)))
    return tuple(found)


def first_taps(line: Line) -> list[int]:
    """At each place, the first tap that does not fall on padding."""
    return [max(0, -((line.stride * i - line.padding) // line.dilation)) for i in range(line.out)]


def counts(line: Line, padding_too: bool) -> list[int]:
    """At each place, how many entries an average is over; padding counts if ``padding_too``, what lies beyond does not.

    >>> line = Line(size=6, kernel=4, stride=3, padding=2, dilation=1, out=3)
    >>> counts(line, True), counts(line, False)
    ([4, 4, 4], [2, 4, 2])
    """
    found = []
    for i in range(line.out):
        start = i * line.stride - line.padding
        stop = min(start + line.kernel, line.size + line.padding)
        found.append(stop - start if padding_too else min(stop, line.size) - max(start, 0))
    return found


@lru_cache(maxsize=1024)
def pooling_lines(
    size: Sizes, kernel: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes, ceil_mode: bool
) -> tuple[Line, ...]:
    """The windows along each axis. With ``ceil_mode`` a last window may hang over the end, if it starts before it.

    >>> [line.out for line in pooling_lines((5, 5), (2, 2), (2, 2), (0, 0), (1, 1), True)]
    [3, 3]
    """
    check_pooling(kernel, stride, padding, dilation)
    lines = []
    for n, k, s, p, d in zip(size, kernel, stride, padding, dilation, strict=True):
        room = n + 2 * p - d * (k - 1) - 1
        out = (-(-room // s) if ceil_mode else room // s) + 1
        if ceil_mode and (out - 1) * s >= n + p:
            out -= 1
        lines.append(Line(n, k, s, p, d, out))
    if min(line.out for line in lines) < 1:
        outs = times([max(line.out, 0) for line in lines])
        raise ShapeError(
            message(
                f"Given input size: ({times(size)}). Calculated output size: ({outs}). Output size is too small",
                f"a kernel of {times(kernel)} entries, {list(dilation)} apart, finds no room there",
                f"kernel_size={[min(k, n) for k, n in zip(kernel, size, strict=True)]}",
            )
        )
    return tuple(lines)


def check_pooling(kernel: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes) -> None:
    if min(kernel) < 1:
        raise ShapeError(message(f"kernel_size must be greater than zero, but got {list(kernel)}"))
    if min(stride) < 1:
        why = "the kernel would never move on"
        raise ShapeError(message(f"stride should not be zero or negative, but got {list(stride)}", why, "stride=2"))
    if min(dilation) < 1:
        raise ShapeError(message(f"dilation should be greater than zero, but got {list(dilation)}", "", "dilation=1"))
    if min(padding) < 0:
        raise ShapeError(message(f"pad must be non-negative, but got pad: {min(padding)}", "", "padding=0"))
    for k, p, d in zip(kernel, padding, dilation, strict=True):
        if p > (d * (k - 1) + 1) // 2:
            raise ShapeError(
                message(
                    f"pad should be at most half of effective kernel size, but got pad={p}, kernel_size={k} and "
                    f"dilation={d}",
                    "some window would lie on padding alone, and have no entries",
                    f"padding={(d * (k - 1) + 1) // 2}",
                )
            )


def adaptive_bounds(size: int, out: int) -> Sequence[tuple[int, int]]:
    """The entries that belong to each of ``out`` places: from ⌊i·n/m⌋ up to, but not with, ⌈(i + 1)·n/m⌉.

    >>> adaptive_bounds(5, 3)
    [(0, 2), (1, 4), (3, 5)]
    """
    return [(i * size // out, -(-(i + 1) * size // out)) for i in range(out)]
