"""Drawing arguments: each method of a Draw gives something that stands in a case."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from .case import FLOATS, At, X

DTYPES = {
    "float": "float32 float32 float32 float64 float64 float64 float16 bfloat16".split(),
    "full": "float32 float32 float64".split(),
    "double": ["float64"],
    "complex": "complex64 complex128".split(),
    "inexact": "float32 float32 float32 float64 float64 float64 float16 bfloat16 complex64 complex128".split(),
    "int": "int64 int64 int32 int16 int8 uint8".split(),
    "index": ["int64"],
    "bool": ["bool"],
    "real": "float32 float32 float64 float64 float16 bfloat16 int64 int32 uint8 int8".split(),
    "any": "float32 float32 float32 float64 float64 float64 float16 bfloat16 int64 int64 int32 int16 int8 uint8 bool complex64 complex128".split(),
}
LAYOUTS = "plain plain plain plain T step offset last".split()
VALUES = "normal normal normal normal normal small small unit finite edges wide positive apart".split()
SIZES = (1, 2, 2, 3, 3, 4, 5)


class Draw:
    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.random, self.choice, self.randint = rng.random, rng.choice, rng.randint

    def flag(self, p: float = 0.5) -> bool:
        return self.random() < p

    def pick(self, *options: Any) -> Any:
        chosen = self.choice(options)
        return chosen() if isinstance(chosen, Callable) else chosen

    def some(self, p: float = 0.4, /, **options: Any) -> dict[str, Any]:
        """Each keyword argument with probability p; what is callable is called."""
        return {k: v() if callable(v) else v for k, v in options.items() if self.random() < p}

    def size(self, empty: float = 0.03) -> int:
        return 0 if self.random() < empty else self.choice(SIZES)

    def shape(self, least: int = 0, most: int = 4, empty: float = 0.03) -> tuple[int, ...]:
        n = self.choice([k for k in (0, 1, 1, 2, 2, 2, 3, 3, 4, 5) if least <= k <= most])
        return tuple(self.size(empty) for _ in range(n))

    def partner(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """A shape that broadcasts with this one, nearly always."""
        r = self.random()
        if r < 0.4:
            return shape
        if r < 0.42:
            return self.shape()
        other = tuple(1 if self.random() < 0.25 else s for s in shape)
        if r < 0.65 and other:
            other = other[self.randint(0, len(other)) :]
        return (self.size(), *other) if r > 0.92 else other

    def dtype(self, kind: str = "float") -> str:
        return self.choice(DTYPES[kind])

    def at(self, kind: str = "any") -> At:
        return At(self.dtype(kind))

    def x(
        self,
        shape: tuple[int, ...] | None = None,
        kind: str = "float",
        values: str | tuple | None = None,
        grad: float = 0.6,
        dtype: str | None = None,
        layout: str | None = None,
    ) -> X:
        """A tensor: of this shape, or any; of a dtype of this kind; requiring gradients with probability ``grad``."""
        shape = self.shape() if shape is None else tuple(shape)
        dtype = dtype or self.dtype(kind)
        values = values or self.choice(VALUES)
        if layout is None:
            layout = self.choice(LAYOUTS)
            if layout == "last" and len(shape) not in (4, 5) or layout == "T" and len(shape) < 2 or not shape:
                layout = "plain"
            elif self.random() < 0.03 and shape[0] > 1:
                layout = "expand"
        asks = dtype in FLOATS and self.random() < grad
        return X(shape, dtype, layout, values, self.randint(0, 999), self.choice(("leaf", "leaf", "leaf", "mid", "mid", "view")) if asks else "")

    def other(self, x: X, kind: str | None = None, **named: Any) -> X:
        """A second operand for x: broadcasting, mostly of its dtype."""
        dtype = x.dtype if self.random() < 0.7 else self.dtype(kind or "any")
        return self.x(self.partner(x.shape), dtype=named.pop("dtype", dtype), **named)

    def index(self, bound: int, shape: tuple[int, ...] | None = None, negative: bool = False) -> X:
        """A tensor of indices below a bound."""
        shape = self.shape(0, 2) if shape is None else shape
        values = f"upto {bound}" if negative and bound and self.random() < 0.4 else f"below {bound}"
        return X(tuple(shape), "int64", "plain", values, self.randint(0, 999))

    def mask(self, shape: tuple[int, ...]) -> X:
        return self.x(shape, dtype="bool", values="bits")

    def number(self, dtype: str = "float32") -> Any:
        """A Python number."""
        if dtype.startswith(("int", "uint")) and self.random() < 0.75:
            return self.choice((0, 1, 2, 3, -1, -2, 5, 7))
        if dtype == "bool" and self.random() < 0.5:
            return self.choice((True, False, 1, 0, 2))
        if dtype.startswith("complex") and self.random() < 0.3:
            return self.choice((1j, 1 + 2j, -0.5j))
        return self.choice((0, 1, 2, 3, -1, -2, 0.0, 0.5, -0.5, 1.5, 2.5, -1.25, 1e-3, 100.0, True))

    def dim(self, x: X | tuple[int, ...], wrong: float = 0.02) -> int:
        n = len(x.shape if isinstance(x, X) else x)
        if self.random() < wrong:
            return self.choice((n, -n - 1, n + 3))
        return self.randint(-max(n, 1), max(n, 1) - 1)

    def dims(self, x: X | tuple[int, ...]) -> Any:
        """One axis or several."""
        n = len(x.shape if isinstance(x, X) else x)
        if self.random() < 0.5 or not n:
            return self.dim(x)
        found = [d - n if self.random() < 0.5 else d for d in self.rng.sample(range(n), self.randint(1, n))]
        if self.random() < 0.02:
            found.append(found[0])
        return tuple(found) if self.random() < 0.8 else list(found)

    def ints(self, n: int, low: int = -2, high: int = 3) -> tuple[int, ...]:
        return tuple(self.randint(low, high) for _ in range(n))


def call(*args: Any, **named: Any) -> tuple[tuple, dict[str, Any]]:
    return args, named
