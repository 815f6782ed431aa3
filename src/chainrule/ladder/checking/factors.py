"""Put a factor between two gradients into words: which sizes of the problem it is made of, and what that means."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from .sizes import Size, Sizes

__all__ = ["explain_factor"]


@dataclass(frozen=True)
class _Part:
    """One way to be off by a factor. ``weight`` ranks explanations: the lighter is the likelier."""

    value: float
    words: str
    weight: int


_NOTHING = _Part(1.0, "", 0)
_TWO = _Part(2.0, "a factor 2 is there twice, or the loss has a ½ that your gradient leaves out", 2)
_HALF = _Part(0.5, "the factor 2 that the derivative of a square brings down is missing", 2)
_SIGN = _Part(-1.0, "its sign is turned, as where (y - y_pred) stands for (y_pred - y)", 1)


def explain_factor(factor: float, sizes: Sizes, name: str, precision: float = 1e-5) -> str:
    """What the factor is made of, in words; empty where nothing in the problem equals it.

    >>> sizes = Sizes((Size(4, "N", "the number of samples"),), loss="mean", gradient={"w": "sum"})
    >>> explain_factor(4.0, sizes, "w")
    'the loss takes a mean over N = 4; your gradient takes a sum'

    Here 2 is N/2 rather than 2, since the sum was seen:

    >>> print(explain_factor(2.0, sizes, "w").replace("; the factor", ";\\nthe factor"))
    the loss takes a mean over N = 4; your gradient takes a sum;
    the factor 2 that the derivative of a square brings down is missing
    """
    sign = _SIGN if factor < 0 else _NOTHING
    fitting = [
        (*parts, sign)
        for parts in _combinations(sizes, name)
        if abs(math.prod(part.value for part in parts) * sign.value - factor) <= precision * abs(factor)
    ]
    lightest = min((_weight(parts) for parts in fitting), default=0)
    likely = [[p.words for p in parts if p.words] for parts in fitting if _weight(parts) == lightest]
    certain = [words for words in likely[0] if all(words in other for other in likely)] if likely else []
    either = dict.fromkeys("; ".join(words for words in parts if words not in certain) for parts in likely)
    return "; ".join([*certain, *filter(None, ["; or else ".join(filter(None, either))])])


def _combinations(sizes: Sizes, name: str) -> Iterator[tuple[_Part, ...]]:
    """A reduction over the samples, one over another axis, and the 2 of a square; or a parameter's size alone."""
    columns = [size for size in sizes.known if not size.of_parameter and size.symbol != "N"]
    yield from product(_over_samples(sizes, name), [_NOTHING, *_over(columns, 2)], (_NOTHING, _TWO, _HALF))
    for part in _over([size for size in sizes.known if size.of_parameter], 6):
        yield (part,)


def _weight(parts: tuple[_Part, ...]) -> int:
    return sum(part.weight for part in parts)


def _over_samples(sizes: Sizes, name: str) -> list[_Part]:
    """How the number of samples comes in.

    What giving every sample twice has shown is likeliest, but not certain: what divides by the number 4, and not by
    len(x), looks like a sum there.
    """
    n = sizes.samples
    if n is None:
        return [_NOTHING]
    seen = (sizes.loss, sizes.gradient.get(name, ""))
    told = {
        ("mean", "sum"): _Part(n.value, f"the loss takes a mean over N = {n.value}; your gradient takes a sum", 1),
        ("sum", "mean"): _Part(1 / n.value, f"the loss takes a sum; your gradient takes a mean over N = {n.value}", 1),
    }
    if seen in told:
        return [told[seen], _Part(1.0, "", 2)]
    guess = f"{n.value} is N, {n.words}: does the loss take a"
    unseen = 1 if "" in seen else 4
    return [
        _NOTHING,
        _Part(n.value, f"{guess} mean, and your gradient a sum?", unseen),
        _Part(1 / n.value, f"{guess} sum, and your gradient a mean?", unseen),
    ]


def _over(sizes: Iterable[Size], weight: int) -> Iterator[_Part]:
    for size in sizes:
        equals = f"{size.value} is {size.symbol + ', ' if len(size.symbol) == 1 else ''}{size.words}"
        yield _Part(size.value, f"{equals}: a mean over it in the loss is a sum in your gradient", weight)
        yield _Part(1 / size.value, f"{equals}: your gradient divides by it, the loss does not", weight)
