"""A case: a name of the table and arguments. It prints as the Python that makes it, so that it can be run again.

>>> case = Case("add", (X((2, 3), "float32", "T"), 2), {"alpha": 0.5})
>>> case
Case("add", (X((2, 3), 'float32', 'T'), 2), {'alpha': 0.5})
>>> eval(repr(case)) == case
True
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from math import inf, nan, prod
from typing import Any

import numpy as np

__all__ = ["At", "Case", "X", "inf", "nan", "replace"]


@dataclass(frozen=True)
class X:
    """A tensor argument: its shape and dtype, how it lies in memory, and which numbers it holds.

    ``layout``: plain; T, the last two axes swapped; step, every second entry of a line; offset, not from the start;
    expand, its first axis repeated without a copy; last, channels last. ``values``: the name of a pool of numbers,
    read from place ``seed``; "below 5" for indices; or the numbers themselves. ``grad``: "leaf", "mid" for a
    tensor that was computed from one, "view" for a view of one.
    """

    shape: tuple[int, ...]
    dtype: str = "float32"
    layout: str = "plain"
    values: str | tuple = "normal"
    seed: int = 0
    grad: str = ""

    def __repr__(self) -> str:
        plain = [repr(getattr(self, f.name)) for f in fields(self)]
        defaults = [repr(f.default) for f in fields(self)]
        while len(plain) > 1 and plain[-1] == defaults[len(plain) - 1]:
            plain.pop()
        if len(plain) == 6 and defaults[1:5] != plain[1:5]:
            named = [f"{f.name}={p}" for f, p, d in zip(fields(self), plain, defaults) if p != d and f.name != "shape"]
            return f"X({', '.join([plain[0], *named])})"
        return f"X({', '.join(plain)})"


@dataclass(frozen=True)
class At:
    """An attribute of the library as an argument: a dtype, a memory format."""

    name: str

    def __repr__(self) -> str:
        return f"At({self.name!r})"


@dataclass
class Case:
    name: str
    args: tuple = ()
    named: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f'Case("{self.name}", {self.args!r}{f", {self.named!r}" if self.named else ""})'


LENGTH = 1009  # of the pools; prime, so that steps through them do not repeat soon


def pools() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    normal = rng.standard_normal(LENGTH)
    edges = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, 2.0, -2.0, 3.0, -3.0, 6.0, inf, -inf, nan]
    return {
        "normal": normal,
        "small": rng.integers(-3, 4, LENGTH).astype(float),
        "unit": rng.random(LENGTH),
        "positive": rng.uniform(0.2, 3, LENGTH),
        "edges": rng.choice(edges, LENGTH),
        "finite": rng.choice([0.0, -0.0, *edges[2:13]], LENGTH),
        "wide": normal * 10.0 ** rng.uniform(-6, 6, LENGTH),
        "large": normal * 10.0 ** rng.uniform(10, 37, LENGTH),
        "apart": rng.permutation(np.linspace(-4, 4, LENGTH)),
        "zeros": np.zeros(LENGTH),
        "sign": rng.choice([-1.0, 1.0], LENGTH),
        "bits": rng.choice([0.0, 1.0], LENGTH),
        "extreme": rng.choice([0, 1, -1, 2, -2, 7, 126, 127, 128, 255, 2**15, 2**31 - 1, 2.0**40], LENGTH),
        "places": rng.integers(0, 2**31, LENGTH).astype(float),
    }


POOLS = pools()
FLOATS = {"float16", "bfloat16", "float32", "float64", "complex64", "complex128"}


def numbers(x: X) -> np.ndarray:
    """The numbers of an X, contiguous, in a NumPy dtype that holds them."""
    count = prod(x.shape)
    kind = np.dtype("float32" if x.dtype in ("bfloat16", "float16") else x.dtype)
    if not isinstance(x.values, str):
        return np.array(x.values, dtype=kind).reshape(x.shape)
    name, _, bound = x.values.partition(" ")
    if name == "below":
        found = POOLS["places"].take(np.arange(x.seed, x.seed + count), mode="wrap").astype(np.int64) % max(int(bound), 1)
    elif name == "perm":
        found = np.random.default_rng(x.seed).permutation(int(bound))[:count]
    elif name == "upto":
        found = POOLS["places"].take(np.arange(x.seed, x.seed + count), mode="wrap").astype(np.int64) % (2 * int(bound)) - int(bound)
    else:
        found = POOLS[name].take(np.arange(x.seed, x.seed + count), mode="wrap")
    if kind.kind == "c" and name not in ("below", "perm", "upto"):
        imaginary = POOLS[name].take(np.arange(x.seed + 500, x.seed + 500 + count), mode="wrap")
        whole = np.empty(count, kind)
        with np.errstate(all="ignore"):
            whole.real, whole.imag = found, imaginary
        return whole.reshape(x.shape)
    with np.errstate(all="ignore"):
        if kind.kind in "iu" and found.dtype.kind == "f":
            if name in ("normal", "wide", "large", "apart", "unit", "positive"):
                found = found * 10
            found = np.nan_to_num(found, posinf=100, neginf=-100)
            info = np.iinfo(kind)
            inside = found % 128 if kind.kind == "u" and name != "extreme" else found
            return np.clip(inside, float(info.min), min(float(info.max), 2.0**62)).astype(kind).reshape(x.shape)
        if kind.kind == "b" and name in ("normal", "positive", "wide", "large", "apart"):
            return (found > 0.3).reshape(x.shape)
        return found.astype(kind).reshape(x.shape)


def tensor(t: Any, x: X, near: float = 0.0) -> Any:
    """The tensor that an X describes, in library t; ``near``: with its last digits changed by about so much."""
    a = numbers(x)
    if near and a.dtype.kind in "fc":
        a = a * (1 + near * POOLS["sign"].take(np.arange(a.size), mode="wrap").reshape(a.shape)).astype(a.dtype)
    if x.layout == "plain":
        y = t.from_numpy(a)
        return y.to(getattr(t, x.dtype)) if x.dtype in ("bfloat16", "float16") else y
    return laid_out(t, a, x)


def laid_out(t: Any, a: np.ndarray, x: X) -> Any:
    n, layout = a.ndim, x.layout

    def given(b: np.ndarray) -> Any:
        y = t.from_numpy(np.ascontiguousarray(b) if b.ndim else b)
        return y.to(getattr(t, x.dtype)) if x.dtype in ("bfloat16", "float16") else y

    if layout == "T" and n >= 2:
        return given(a.swapaxes(-1, -2)).transpose(-1, -2)
    if layout == "step" and n:
        wide = np.repeat(a, 2, axis=-1)
        return given(wide)[..., ::2]
    if layout == "offset" and n:
        longer = np.concatenate([np.zeros((1, *a.shape[1:]), a.dtype), a])
        return given(longer)[1:]
    if layout == "expand" and n and a.shape[0]:
        return given(a[:1]).expand(a.shape)
    if layout == "last" and n in (4, 5):
        return given(a).contiguous(memory_format=t.channels_last if n == 4 else t.channels_last_3d)
    return given(a)
