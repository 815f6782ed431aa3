"""Elementwise ops that only programs have: entries laid out anew, picked, counted, in another dtype; what holds of truth values."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.op import Elementwise
from ..native.vecmath import ratio


class Same(Elementwise, abstract=True):
    """y = x, laid out anew"""

    def compute(self, x: Any) -> Any:
        return np.array(x)

    lane = "forward"
    differentiable = False

    def forward(self, x: Any) -> Any:
        return x


class Picked(Elementwise, abstract=True):
    """y = memory[place]: x shows the first entry of ``size``, and places are counted from there

    ``line`` entries are picked one after the other along the last axis, from a place for the first of them; 0: each has its own.
    """

    fields = ("size", "line")
    lane = "forward"
    differentiable = False

    def compute(self, x: Any, place: Any) -> Any:
        memory = np.lib.stride_tricks.as_strided(x, (self.size,), (x.itemsize,))
        return memory[place + np.arange(self.line)] if self.line else memory[place]

    def forward(self, x: Any, place: Any) -> Any:
        return x


class Decay(Elementwise, abstract=True):
    """y = eˣ where x ≤ 0; on lanes, 0 for what is below the normal numbers"""

    compute = np.exp
    lane = "decay"
    differentiable = False


class Ratio(Elementwise, abstract=True):
    """y = a / b, where b is not negative and neither below 2⁻¹²⁶ (but for 0) nor above 2¹²⁶ (but for ∞)

    In the step of an optimizer; numbers below 2⁻¹²⁶ may then be taken for 0 (`blocks.flushes`).
    """

    compute = np.divide
    lane = "lanes"
    differentiable = False

    def lanes(self, a: Any, b: Any) -> Any:
        return ratio(a.k, a, b)


class Nth(Elementwise, abstract=True):
    """y = whether i = place, where i counts the entries along an axis: 0, 1, 2, …"""

    compute = np.equal
    lane = "forward"
    differentiable = False

    def forward(self, i: Any, place: Any) -> Any:
        return i == place


class Truth(Elementwise, abstract=True):
    """What is true if both, either, one or none of its truth values is."""

    lane = "forward"
    differentiable = False


class Both(Truth, abstract=True):
    compute = np.logical_and

    def forward(self, a: Any, b: Any) -> Any:
        return a & b


class Either(Truth, abstract=True):
    compute = np.logical_or

    def forward(self, a: Any, b: Any) -> Any:
        return a | b


class One(Truth, abstract=True):
    compute = np.logical_xor

    def forward(self, a: Any, b: Any) -> Any:
        return a ^ b


class Neither(Truth, abstract=True):
    compute = np.logical_not

    def forward(self, x: Any) -> Any:
        return ~x


class As(Elementwise, abstract=True):
    """y = x in another dtype"""

    fields = ("char",)
    differentiable = False
    lane = "forward"

    def compute(self, x: Any) -> Any:
        return np.asarray(x).astype(self.char)

    def forward(self, x: Any) -> Any:
        return x.k.to({"f": "f32", "d": "f64", "l": "i64"}[self.char], x)


same = Same()
decay, nth, quotient = Decay(), Nth(), Ratio()
BOTH, EITHER, ONE, NEITHER = Both(), Either(), One(), Neither()
