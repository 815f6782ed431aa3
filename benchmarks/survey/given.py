"""What an operation is given: inputs of about n entries, the same numbers under every framework."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any

from ..workloads import integers, uniform


@dataclass(frozen=True)
class Case:
    """A call that is timed."""

    function: Callable[..., Any]
    inputs: Sequence[Any]
    backward: bool = True  # whether the gradients of the floating inputs are timed as well


class Given:
    """Makes inputs of about ``n`` entries; ``torch`` is a namespace that speaks PyTorch."""

    def __init__(self, torch: Any, n: int) -> None:
        self.torch, self.n, self.seed = torch, n, 0

    def floats(self, *shape: int) -> Any:
        """Float32 numbers from −1 to 1; a vector of n unless a shape is given."""
        self.seed += 1
        return uniform(self.torch, *(shape or (self.n,)), seed=self.seed)

    def positive(self, *shape: int) -> Any:
        """Float32 numbers from 0.1 to 1.1."""
        return self.floats(*shape).abs() + 0.1

    def ints(self, bound: int, *shape: int) -> Any:
        """Int64 numbers from 0 to bound − 1."""
        self.seed += 1
        return integers(self.torch, bound, *(shape or (self.n,)), seed=self.seed)

    @property
    def side(self) -> int:
        """The side of a square of n entries."""
        return isqrt(self.n)

    @property
    def square(self) -> tuple[int, int]:
        return self.side, self.side

    def rows(self, width: int) -> tuple[int, int]:
        return max(self.n // width, 1), width

    def images(self, channels: int) -> tuple[int, int, int, int]:
        """Shape of a batch of square images: at most 32 × 32, so that large batches are many images."""
        side = min(32, max(4, isqrt(self.n // channels)))
        return max(self.n // (channels * side * side), 1), channels, side, side

    def call(self, function: Callable[..., Any], *inputs: Any) -> Case:
        return Case(function, inputs)

    def plain(self, function: Callable[..., Any], *inputs: Any) -> Case:
        """A call that has no gradients."""
        return Case(function, inputs, backward=False)
