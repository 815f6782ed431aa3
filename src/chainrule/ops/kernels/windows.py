"""Where a sliding kernel stands: the geometry that convolution, pooling and unfold share.

Along one axis of size n, with p₀ zeros put before it and p₁ behind, a kernel of k taps that are d apart (dilation) and
that moves s at a time (stride) spans d(k − 1) + 1 entries, so it stands at

    m = ⌊(n + p₀ + p₁ − d(k − 1) − 1) / s⌋ + 1

places; at place i, tap t reads entry s·i + d·t of the padded axis.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ...base.errors import ShapeError, message

Sizes = tuple[int, ...]
Padding = int | str | Sequence[int] | Sequence[tuple[int, int]]


class Windows(NamedTuple):
    """The places of a kernel over an array of any number of spatial axes; each field has one number per axis."""

    size: Sizes  # of the array
    kernel: Sizes
    stride: Sizes
    dilation: Sizes
    before: Sizes  # padding
    after: Sizes
    out: Sizes  # number of places

    @property
    def taps(self) -> int:
        return prod(self.kernel)

    @property
    def places(self) -> int:
        return prod(self.out)

    @property
    def padded(self) -> Sizes:
        return tuple(n + p + q for n, p, q in zip(self.size, self.before, self.after, strict=True))

    @property
    def pads(self) -> bool:
        return any(self.before) or any(self.after)

    @property
    def pointwise(self) -> bool:
        """Whether every entry is read once, where it stands: a kernel of one tap that skips nothing."""
        return self.taps == 1 and not self.pads and self.out == self.size

    @property
    def inside(self) -> tuple[Any, ...]:
        """The index of the array within the padded array, with any leading axes."""
        return (..., *[slice(p, p + n) for p, n in zip(self.before, self.size, strict=True)])

    def reads(self, tap: Sizes, rows: Sizes = ()) -> tuple[slice, ...]:
        """The entries of the padded array that one tap reads, over all places or over the rows first … last − 1.

        >>> windows((5,), 3, padding=1).reads((2,))
        (slice(2, 7, 1),)
        """
        spans = [(0, m) for m in self.out]
        if rows:
            spans[0] = (rows[0], rows[1])
        return tuple(
            slice(s * first + d * t, s * (last - 1) + d * t + 1, s)
            for (first, last), t, s, d in zip(spans, tap, self.stride, self.dilation, strict=True)
        )

    def all_taps(self) -> Iterator[Sizes]:
        """The taps, in the order in which the kernel's weights are stored."""
        return product(*map(range, self.kernel))


@lru_cache(maxsize=1024)
def all_reads(win: Windows, first: int, last: int) -> tuple[tuple[tuple[Any, ...], tuple[Any, ...]], ...]:
    """For each tap, the index of its part of the columns (…, *kernel, *places), and that of the entries it reads.

    Both are over the rows of places first … last − 1, and for arrays with any leading axes.
    """
    places = (slice(None),) * len(win.kernel)
    return tuple(((..., *tap, *places), (..., *win.reads(tap, (first, last)))) for tap in win.all_taps())


def spread(value: int | Sequence[int], axes: int, name: str) -> Sizes:
    """One number for every axis, from one number or one per axis.

    >>> spread(2, 3, "stride"), spread([1, 2], 2, "stride")
    ((2, 2, 2), (1, 2))
    """
    if isinstance(value, int | np.integer):
        return (int(value),) * axes
    found = tuple(int(v) for v in value)
    if len(found) == 1:
        return found * axes
    if len(found) != axes:
        raise ShapeError(
            message(
                f"expected {name} to be a single integer value or a list of {axes} values to match the convolution "
                f"dimensions, but got {name}={list(found)}",
                f"the kernel moves along {axes} axes",
                f"{name}={found[0] if found else 1}",
            )
        )
    return found


def windows(
    size: Sequence[int],
    kernel: int | Sequence[int],
    stride: int | Sequence[int] = 1,
    padding: Padding = 0,
    dilation: int | Sequence[int] = 1,
) -> Windows:
    """The places of a kernel; ``padding`` is a number, one per axis, one (before, after) per axis, "same" or "valid".

    >>> windows((5, 6), 3, stride=2, padding=1).out
    (3, 3)
    >>> w = windows((5,), 4, padding="same"); w.before, w.after, w.out
    ((1,), (2,), (5,))
    """
    axes = len(size)
    kernel, stride = spread(kernel, axes, "kernel_size"), spread(stride, axes, "stride")
    dilation = spread(dilation, axes, "dilation")
    pads = resolve(padding, kernel, stride, dilation)
    return placed(tuple(size), kernel, stride, dilation, *pads)


def resolve(padding: Padding, kernel: Sizes, stride: Sizes, dilation: Sizes) -> tuple[Sizes, Sizes]:
    """The zeros before and after each axis. "same" puts the odd one, where there is one, behind."""
    axes = len(kernel)
    if isinstance(padding, str):
        if padding == "valid":
            return (0,) * axes, (0,) * axes
        if padding != "same":
            raise ShapeError(message(f"Invalid padding string: {padding!r}", "it is 'same', 'valid' or numbers"))
        if any(s != 1 for s in stride):
            raise ShapeError(
                message(
                    "padding='same' is not supported for strided convolutions",
                    f"with stride {list(stride)} the output is smaller than the input, whatever the padding",
                    "padding=k // 2",
                )
            )
        total = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        return tuple(t // 2 for t in total), tuple(t - t // 2 for t in total)
    if not isinstance(padding, int | np.integer) and padding and not isinstance(padding[0], int | np.integer):
        return tuple(int(p[0]) for p in padding), tuple(int(p[1]) for p in padding)  # type: ignore[index]
    both = spread(padding, axes, "padding")  # type: ignore[arg-type]
    return both, both


@lru_cache(maxsize=1024)
def placed(size: Sizes, kernel: Sizes, stride: Sizes, dilation: Sizes, before: Sizes, after: Sizes) -> Windows:
    """`windows`, of sizes that are spelled out; checks that the kernel has room."""
    check_moves(stride, dilation, before, after)
    spans = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    padded = [n + p + q for n, p, q in zip(size, before, after, strict=True)]
    if any(k < 1 for k in kernel) or any(n < span for n, span in zip(padded, spans, strict=True)):
        raise ShapeError(
            message(
                f"Calculated padded input size per channel: ({times(padded)}). Kernel size: ({times(spans)}). Kernel "
                "size can't be greater than actual input size",
                f"the input is {times(size)}, to which padding {list(before)} is added on each side; there is no place "
                "where the kernel fits" if min(kernel) > 0 else "a kernel needs at least one entry along each axis",
                f"padding={max(-(-(span - n) // 2) for n, span in zip(size, spans, strict=True))} or a smaller kernel"
                if min(kernel) > 0 else "",
            )
        )  # fmt: skip
    out = tuple((n - span) // s + 1 for n, span, s in zip(padded, spans, stride, strict=True))
    return Windows(size, kernel, stride, dilation, before, after, out)


def check_moves(stride: Sizes, dilation: Sizes, before: Sizes, after: Sizes) -> None:
    if min(stride) < 1:
        raise ShapeError(message("non-positive stride is not supported", f"got stride={list(stride)}", "stride=1"))
    if min(dilation) < 1:
        why = "the taps of a kernel are dilation entries apart"
        raise ShapeError(message(f"dilation should be greater than zero, but got {list(dilation)}", why, "dilation=1"))
    if min(before + after) < 0:
        raise ShapeError(message("negative padding is not supported", f"got padding={list(before)}", "x[..., 1:-1]"))


def times(sizes: Sequence[int]) -> str:
    return " x ".join(map(str, sizes))


def window_view(padded: np.ndarray, win: Windows) -> np.ndarray:
    """v[…, t, i] = padded[…, s·i + d·t] for taps t and places i, without copying.

    Shapes: (…, *padded) to (…, *kernel, *out).

    >>> window_view(np.arange(5), windows((5,), 3)).tolist()
    [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
    """
    axes = len(win.kernel)
    lead, steps = padded.shape[:-axes], padded.strides[-axes:]
    by_tap = tuple(step * d for step, d in zip(steps, win.dilation, strict=True))
    by_place = tuple(step * s for step, s in zip(steps, win.stride, strict=True))
    shape, strides = (*lead, *win.kernel, *win.out), (*padded.strides[:-axes], *by_tap, *by_place)
    return as_strided(padded, shape, strides, writeable=False)
