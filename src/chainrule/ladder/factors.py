"""Put a factor between two gradients into words: which sizes of the problem it is made of, and what that means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .sizes import Size, Sizes

__all__ = ["explain_factor"]


@dataclass(frozen=True)
class _Part:
    """One way to be off by a factor. ``weight`` ranks explanations: the lighter is the likelier."""

    value: float
    words: str
    weight: int
    of_samples: bool = False


_NOTHING = _Part(1.0, "", 0)
_TWO = _Part(2.0, "a factor 2 is there twice, or the loss has a ½ that your gradient leaves out", 2)
_HALF = _Part(0.5, "the factor 2 that the derivative of a square brings down is missing", 2)
_SIGN = _Part(-1.0, "its sign is turned, as where (y - y_pred) stands for (y_pred - y)", 1)


def explain_factor(factor: float, sizes: Sizes, name: str, precision: float = 1e-5) -> str:
    """What the factor is made of, in words; empty where nothing in the problem equals it.

    >>> sizes = Sizes((Size(4, "N", "the number of samples"),), loss="mean", gradient={"w": "sum"})
    >>> explain_factor(4.0, sizes, "w")
    'the loss takes a mean over N = 4; your gradient takes a sum'
    >>> explain_factor(-2.0, sizes, "w")  # 2 = N/2: a sum is seen, so the 2 of the square must be missing as well
    'the loss takes a mean over N = 4; your gradient takes a sum; the factor 2 that the derivative of a square ...
    """
    fitting = [
        parts
        for parts in _combinations(factor, sizes, name)
        if abs(_product(parts) - factor) <= precision * abs(factor)
    ]
    best = min(fitting, key=lambda parts: sum(part.weight for part in parts), default=())
    return "; ".join(part.words for part in best if part.words)


def _product(parts: tuple[_Part, ...]) -> float:
    product = 1.0
    for part in parts:
        product *= part.value
    return product


def _combinations(factor: float, sizes: Sizes, name: str) -> Iterator[tuple[_Part, ...]]:
    signs = [_SIGN] if factor < 0 else [_NOTHING]
    for samples in _over_samples(sizes, name):
        for other in [_NOTHING, *_over_others(sizes)]:
            for two in (_NOTHING, _TWO, _HALF):
                for sign in signs:
                    yield samples, other, two, sign


def _over_samples(sizes: Sizes, name: str) -> list[_Part]:
    """How the number of samples comes in. Where giving every sample twice has shown it, there is no choice."""
    n = sizes.samples
    if n is None:
        return [_NOTHING]
    loss, gradient = sizes.loss, sizes.gradient.get(name, "")
    too_large = _Part(n.value, f"the loss takes a mean over N = {n.value}; your gradient takes a sum", 1)
    too_small = _Part(1 / n.value, f"the loss takes a sum; your gradient takes a mean over N = {n.value}", 1)
    if loss and gradient:
        return [{("mean", "sum"): too_large, ("sum", "mean"): too_small}.get((loss, gradient), _NOTHING)]
    guess = f"{n.value} is N, {n.words}: "
    return [
        _NOTHING,
        _Part(too_large.value, f"{guess}does the loss take a mean, and your gradient a sum?", 1),
        _Part(too_small.value, f"{guess}does the loss take a sum, and your gradient a mean?", 1),
    ]


def _over_others(sizes: Sizes) -> Iterator[_Part]:
    for size in sizes.known:
        if size.symbol != "N":
            yield _Part(size.value, f"{_equals(size)}: a mean over it in the loss is a sum in your gradient", 3)
            yield _Part(1 / size.value, f"{_equals(size)}: your gradient divides by it, the loss does not", 3)


def _equals(size: Size) -> str:
    return f"{size.value} is {size.symbol}, {size.words}" if len(size.symbol) == 1 else f"{size.value} is {size.words}"
