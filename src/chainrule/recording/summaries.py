"""What is told of an array without keeping it: its norm, mean, least and greatest entry, and the hash of its bytes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .store import KEY, key_of

PIECE = 65536  # entries that are widened to double precision at once
KINDS = ("value", "gradient", "update")
ABSENT = bytes(KEY)  # the hash of what is not there: a parameter without a gradient


class Summary(NamedTuple):
    """Four numbers of an array, in double precision.

    >>> Summary.of(np.array([3., -4.]))
    Summary(norm=5.0, mean=-0.5, min=-4.0, max=3.0)
    """

    norm: float
    mean: float
    min: float
    max: float

    @classmethod
    def of(cls, array: np.ndarray) -> Summary:
        """The summary of an array; of a complex one the norm, and the rest of its real part."""
        flat = array.reshape(-1)
        if not flat.size:
            return cls(0.0, 0.0, np.nan, np.nan)
        squares, total, least, greatest = 0.0, 0.0, np.inf, -np.inf
        with np.errstate(all="ignore"):
            for start in range(0, flat.size, PIECE):
                piece = flat[start : start + PIECE]
                if piece.dtype.kind == "c":
                    squares += float(np.vdot(piece.imag, piece.imag))
                    piece = piece.real
                wide = piece.astype(np.float64)
                squares += float(wide @ wide)
                total += float(np.add.reduce(wide))
                least, greatest = float(np.minimum(least, wide.min())), float(np.maximum(greatest, wide.max()))
            return cls(float(np.sqrt(squares)), total / flat.size, least, greatest)


class Row(NamedTuple):
    """One parameter at one step: a summary of each of value, gradient, update; the hashes of value, gradient, new value."""

    summaries: tuple[Summary | None, Summary | None, Summary | None]
    keys: tuple[bytes, bytes, bytes]


ROW = 3 * 4 * 8 + 3 * KEY  # bytes


def packed(rows: list[Row]) -> bytes:
    """Rows as bytes: 12 doubles and three hashes for each."""
    nothing = Summary(np.nan, np.nan, np.nan, np.nan)
    return b"".join(
        np.array([s or nothing for s in row.summaries], "<f8").tobytes() + b"".join(row.keys) for row in rows
    )


def unpacked(data: bytes) -> list[Row]:
    """The rows that `packed` made bytes of.

    >>> row = Row((Summary(5., -.5, -4., 3.), None, None), (key_of(b"w"), ABSENT, ABSENT))
    >>> unpacked(packed([row])) == [row]
    True
    """
    rows = []
    for start in range(0, len(data), ROW):
        numbers = np.frombuffer(data, "<f8", 12, start).reshape(3, 4).tolist()
        hashes = data[start + 96 : start + ROW]
        first, second, third = (hashes[i * KEY : (i + 1) * KEY] for i in range(3))
        value, gradient, update = (Summary(*four) for four in numbers)
        without = second == ABSENT
        rows.append(
            Row((value, None if without else gradient, None if third == ABSENT else update), (first, second, third))
        )
    return rows


def hashed(x: Any) -> bytes:
    """The hash of a batch: of its tensors' shapes, dtypes and entries, in whatever lists and dicts they lie.

    >>> hashed([torch.ones(2), 1]) == hashed((torch.ones(2), 1)), hashed(torch.ones(2)) == hashed(torch.ones(1, 2))
    (True, False)
    """
    array = getattr(x, "array", x)
    if isinstance(array, np.ndarray):
        return key_of(f"{array.dtype}{array.shape}".encode(), np.ascontiguousarray(array).tobytes())
    if isinstance(x, dict):
        return key_of(*[part for name, value in x.items() for part in (repr(name).encode(), hashed(value))])
    if isinstance(x, (list, tuple)):
        return key_of(*[hashed(value) for value in x])
    plain = x is None or isinstance(x, (bool, int, float, complex, str, bytes, np.generic))
    return key_of((repr(x) if plain else type(x).__qualname__).encode())
