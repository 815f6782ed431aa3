"""What a kernel sees at each place, laid out as a matrix, for a few samples at a time.

A column holds the entries that the kernel sees at one place: channels × taps of them. All columns together hold every
entry as many times as there are taps, so they are never in memory at once: they are made for a few samples (or, of a
large image, a few rows of places) at a time, of a size that stays in the cache, and made again in the backward pass.

Two layouts, each with its matrix product:

- *columns*: (channels · taps, samples · places). What one channel and tap see at neighbouring places lies side by side,
  so copying moves rows of the image. The product with the weights, (outs, …), is laid out like an image too.
- *patches*: (samples · places, taps · channels). What one place sees lies side by side, so copying moves all channels
  of a pixel at once, which for more than a few channels is two to six times faster, and one product covers samples of
  any size; but images have to be transposed on their way in and out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .windows import Sizes, Windows, all_reads, window_view

COLUMN_BYTES = 1 << 20  # of columns and results at a time: half of a second-level cache; the rest holds weights and image

Room = Callable[[Sizes], np.ndarray]


class Block(NamedTuple):
    """Columns or patches of some samples and some rows of places."""

    part: slice
    rows: slice
    matrix: np.ndarray


def column_blocks(
    x: np.ndarray, win: Windows, groups: int, outs: int, span: tuple[int, int], room: Room, at_least: int = 0
) -> Iterator[Block]:
    """Columns, chunk by chunk: (groups, channels / groups · taps, samples · places)."""
    into = grouped(x, groups)
    per_place = (x.shape[1] * win.taps + outs) * x.itemsize
    border = scratch(x.dtype, zero=True)
    axes = len(win.kernel)
    order = (0, 1, *range(3, 3 + axes), 2, *range(3 + axes, 3 + 2 * axes))  # samples behind the taps
    place = (slice(None),) * (3 + axes)
    for part in sample_blocks(span, per_place * win.places, at_least):
        padded = into[:, :, part]
        if win.pads:
            padded = border((*padded.shape[:3], *win.padded))
            np.copyto(padded[win.inside], into[:, :, part])
        view = window_view(padded, win).transpose(order)
        for rows in row_blocks(win, per_place * (part.stop - part.start), at_least):
            yield Block(part, rows, as_matrix(view[(*place, rows)], room, 2 + axes))


def patch_blocks(
    x: np.ndarray, win: Windows, outs: int, span: tuple[int, int], room: Room, at_least: int = 0
) -> Iterator[Block]:
    """Patches, chunk by chunk: (samples · places, taps · channels)."""
    channels, axes = x.shape[1], len(win.kernel)
    per_place = (channels * win.taps + outs) * x.itemsize
    border = scratch(x.dtype, zero=True)
    pixels = x.transpose(0, *range(2, 2 + axes), 1)
    for part in sample_blocks(span, per_place * win.places, at_least):
        padded = border((part.stop - part.start, *win.padded, channels))
        np.copyto(padded[(*win.inside, slice(None))], pixels[part])
        samples, *steps, by_channel = padded.strides
        strides = [step * s for step, s in zip(steps, win.stride, strict=True)]
        strides += [step * d for step, d in zip(steps, win.dilation, strict=True)]
        shape = (len(padded), *win.out, *win.kernel, channels)
        view = as_strided(padded, shape, (samples, *strides, by_channel), writeable=False)
        for rows in row_blocks(win, per_place * len(padded), at_least):
            seen = view[:, rows]
            patches = room(seen.shape)
            np.copyto(patches, seen)
            yield Block(part, rows, patches.reshape(-1, win.taps * channels))


def sample_blocks(span: tuple[int, int], bytes_each: int, at_least: int = 0) -> Iterator[slice]:
    """Runs of samples whose columns fit the budget; at least one at a time."""
    step = max(1, max(COLUMN_BYTES, at_least) // max(bytes_each, 1))
    for first in range(*span, step):
        yield slice(first, min(first + step, span[1]))


def row_blocks(win: Windows, bytes_each_place: int, at_least: int = 0) -> Iterator[slice]:
    """Runs of rows of places whose columns fit the budget; at least one row at a time."""
    step = max(1, max(COLUMN_BYTES, at_least) // max(bytes_each_place * prod(win.out[1:]), 1))
    for first in range(0, win.out[0], step):
        yield slice(first, min(first + step, win.out[0]))


def add_back(padded: np.ndarray, columns: np.ndarray, win: Windows, rows: slice) -> None:
    """padded[…, s·i + d·t] += columns[…, t, i]: tap by tap, for within one tap no two places meet.

    Shapes: padded (A, B, …, *padded), columns (A, B, …, *kernel, *places)
    """
    for tap, reads in all_reads(win, rows.start, rows.stop):
        target, of_tap = padded[reads], columns[tap]
        np.add(target, of_tap, out=target)


def grouped(x: np.ndarray, groups: int) -> np.ndarray:
    """A view (groups, channels / groups, samples, *size) onto an array (samples, channels, *size)."""
    split = x.reshape(x.shape[0], groups, x.shape[1] // groups, *x.shape[2:])
    return split.transpose(1, 2, 0, *range(3, split.ndim))


def as_matrix(x: np.ndarray, room: Room, lead: int = 2) -> np.ndarray:
    """``x`` as (groups, rows, columns): axes up to ``lead`` are rows, the others columns; copied unless it is so stored."""
    shape = (x.shape[0], prod(x.shape[1:lead]), prod(x.shape[lead:]))
    if x.flags.c_contiguous:
        return x.reshape(shape)
    copy = room(x.shape)
    np.copyto(copy, x)
    return copy.reshape(shape)


def scratch(dtype: Any, zero: bool = False) -> Room:
    """Memory to write into again and again: each call gives the same memory, in the asked shape.

    With ``zero`` it starts as zeros, and the borders of images of one size stay zero, however many are asked for.
    """
    held: list[np.ndarray] = []

    def room(shape: Sizes) -> np.ndarray:
        if not held or held[0].size < prod(shape):
            held[:] = [(np.zeros if zero else np.empty)(prod(shape), dtype)]
        return held[0][: prod(shape)].reshape(shape)

    return room


def surround(x: np.ndarray, win: Windows) -> np.ndarray:
    """x̂: x with its zeros around it; x itself where there are none."""
    if not win.pads:
        return x
    padded = np.zeros((*x.shape[: -len(win.size)], *win.padded), x.dtype)
    padded[win.inside] = x
    return padded
