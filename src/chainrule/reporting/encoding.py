"""A document as JSON inside a page: nothing in it can end the script element that it lies in, and every number can be told."""

from __future__ import annotations

import base64
import json
import math
from typing import Any

import numpy as np

DIGITS = 6  # of a number that is drawn
TEXT = 400  # characters of a name or a formula
ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}
SIDE = 8  # rows and columns of a heat map in a box
LEVELS = 127  # shades of it on either side of 0


def as_json(document: Any) -> str:
    """JSON that may stand in a ``<script type="application/json">``: no ``<``, ``>``, ``&``, no line ends that scripts know.

    >>> print(as_json({"name": "</script>", "loss": float("nan")}))
    {"name":"\\u003c/script\\u003e","loss":"NaN"}
    """
    text = json.dumps(plain(document), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(ESCAPES)


def plain(x: Any) -> Any:
    """What JSON has words for: floats with few digits, NaN and ±∞ as texts, half surrogates replaced.

    >>> plain([np.float32(1 / 3), float("inf"), -0.0, "a\\ud800"])
    [0.333333, 'Infinity', 0.0, 'a?']
    """
    if isinstance(x, dict):
        return {plain(str(key)): plain(value) for key, value in x.items()}
    if isinstance(x, (list, tuple)):
        return [plain(each) for each in x]
    if isinstance(x, np.ndarray):
        return plain(x.tolist())
    if isinstance(x, np.generic):
        x = x.item()
    if isinstance(x, float):
        return (
            float(f"{x:.{DIGITS}g}") + 0.0 if math.isfinite(x) else {1: "Infinity", -1: "-Infinity"}.get(sign(x), "NaN")
        )
    if isinstance(x, str):
        return x.encode("utf-8", "replace").decode("utf-8")
    return x


def sign(x: float) -> int:
    return (x > 0) - (x < 0)


def cut(text: str, most: int = TEXT) -> str:
    """A text of at most ``most`` characters.

    >>> cut("w · x + b", 6)
    'w · x…'
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def cells(array: Any, side: int = SIDE) -> dict[str, Any] | None:
    """An array as a small picture: at most ``side`` rows and columns of means, each a signed byte; None without numbers.

    Byte b stands for b / 127 · scale; −128 for what is not finite. Axes before the last are put one after the other.

    >>> base64.b64decode(cells([1.0, -2.0])["data"])
    b'@\\x81'
    """
    a = np.asarray(array)
    if a.dtype.kind not in "fiub" or not a.size:
        return None
    grid = reduced(a.reshape(-1, a.shape[-1]) if a.ndim else a.reshape(1, 1), side)
    finite = np.isfinite(grid)
    scale = float(np.abs(grid[finite]).max()) if finite.any() else 0.0
    shades = np.where(finite, np.rint(np.where(finite, grid, 0) / (scale or 1.0) * LEVELS), -128).astype(np.int8)
    return {
        "rows": grid.shape[0],
        "columns": grid.shape[1],
        "scale": scale,
        "data": base64.b64encode(shades.tobytes()).decode(),
    }


def reduced(grid: np.ndarray, side: int) -> np.ndarray:
    """A matrix of at most ``side`` rows and columns, each entry the mean of a block.

    >>> reduced(np.arange(4.0).reshape(2, 2), 1)
    array([[1.5]])
    """
    out = grid.astype(np.float64)
    for axis in (0, 1):
        n = out.shape[axis]
        if n > side:
            starts = np.linspace(0, n, side, endpoint=False).astype(int)
            counts = np.diff([*starts, n]).reshape((-1, 1) if axis == 0 else (1, -1))
            with np.errstate(all="ignore"):
                out = np.add.reduceat(out, starts, axis=axis) / counts
    return out


def bytes_of(values: Any, low: float, high: float) -> str:
    """Numbers between ``low`` and ``high`` as bytes 0 … 254 in base64; 255 stands for what is not finite.

    >>> base64.b64decode(bytes_of([0.0, 1.0, float("nan")], 0.0, 1.0))
    b'\\x00\\xfe\\xff'
    """
    a = np.asarray(values, np.float64).reshape(-1)
    finite = np.isfinite(a)
    spread = (high - low) or 1.0
    shades = np.where(finite, np.clip(np.rint((np.where(finite, a, low) - low) / spread * 254), 0, 254), 255)
    return base64.b64encode(shades.astype(np.uint8).tobytes()).decode()
