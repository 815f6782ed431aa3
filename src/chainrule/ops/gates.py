"""Activations that take more than the entry itself: a gate from the other half of the entries, a slope drawn at random."""

from __future__ import annotations

from typing import Any

from ..graph.op import Elementwise, Op
from .activations import sigmoid
from .join import Cat
from .logic import where


class Glu(Op):
    """y = a · σ(b), a and b being the two halves of x along an axis"""

    fields = ("dim",)

    def forward(self, x: Any) -> Any:
        a, b = self.halves(x)
        return a * sigmoid(b)

    def pull_x(self, g: Any, x: Any) -> Any:
        a, b = self.halves(x)
        gate = sigmoid(b)
        d_a = g * gate
        return Cat(self.dim)(d_a, d_a * a * (1 - gate))

    def halves(self, x: Any) -> tuple[Any, Any]:
        n = x.shape[self.dim] // 2
        before = (slice(None),) * self.dim
        return x[(*before, slice(0, n))], x[(*before, slice(n, None))]


class RreluWithNoise(Elementwise):
    """y = x where x > 0, else a · x, a having been drawn for each entry"""

    def forward(self, x: Any, a: Any) -> Any:
        return where(x > 0, x, a * x)

    def pull_x(self, g: Any, x: Any, a: Any) -> Any:
        return where(x > 0, g, a * g)


rrelu_with_noise = RreluWithNoise()
