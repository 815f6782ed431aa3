"""Transforms made of transforms: one after the other, by chance, in any order; and functions as transforms."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from ...base.errors import message
from ...nn.module import Module
from ...tensors.random import rand


def lines(transforms: Any) -> str:
    """The transforms in a repr, one to a line."""
    return "".join(f"\n    {t}" for t in transforms)


class Compose:
    """y = tₙ(… t₂(t₁(x)))

    >>> Compose([Lambda(abs), Lambda(lambda x: x + 1)])(-3)
    4
    """

    def __init__(self, transforms: Any) -> None:
        self.transforms = transforms

    def __call__(self, img: Any) -> Any:
        for t in self.transforms:
            img = t(img)
        return img

    def __repr__(self) -> str:
        return f"{type(self).__name__}({lines(self.transforms)}\n)"


class Lambda:
    """A function as a transform: y = f(x)"""

    def __init__(self, lambd: Callable[[Any], Any]) -> None:
        if not callable(lambd):
            raise TypeError(
                message(f"Argument lambd should be callable, got {type(lambd).__name__!r}", f"it is {lambd!r}")
            )
        self.lambd = lambd

    def __call__(self, img: Any) -> Any:
        return self.lambd(img)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class RandomTransforms:
    """What the next two have in common: a sequence of transforms."""

    def __init__(self, transforms: Sequence[Any]) -> None:
        if not isinstance(transforms, Sequence):
            raise TypeError(
                message("Argument transforms should be a sequence", f"it is {transforms!r}", "[transform, …]")
            )
        self.transforms = transforms

    def __repr__(self) -> str:
        return f"{type(self).__name__}({lines(self.transforms)}\n)"


class RandomChoice(RandomTransforms):
    """One of the transforms, chosen with the weights ``p``; the choice is Python's `random`'s."""

    def __init__(self, transforms: Sequence[Any], p: Sequence[float] | None = None) -> None:
        super().__init__(transforms)
        if p is not None and not isinstance(p, Sequence):
            raise TypeError(message("Argument p should be a sequence", f"it is {p!r}", "one weight for each transform"))
        self.p = p

    def __call__(self, *args: Any) -> Any:
        return random.choices(self.transforms, weights=self.p)[0](*args)

    def __repr__(self) -> str:
        return f"{super().__repr__()}(p={self.p})"


class RandomOrder(RandomTransforms):
    """All the transforms, in an order that Python's `random` shuffles."""

    def __call__(self, img: Any) -> Any:
        order = list(range(len(self.transforms)))
        random.shuffle(order)
        for i in order:
            img = self.transforms[i](img)
        return img


class RandomApply(Module):
    """All the transforms with the probability ``p``, otherwise none."""

    def __init__(self, transforms: Any, p: float = 0.5) -> None:
        super().__init__()
        self.transforms, self.p = transforms, p

    def forward(self, img: Any) -> Any:
        if self.p < rand(1):
            return img
        for t in self.transforms:
            img = t(img)
        return img

    def __repr__(self) -> str:
        return f"{type(self).__name__}(\n    p={self.p}{lines(self.transforms)}\n)"
