"""The larger, the smaller, the nearest: elementwise ops whose value is one of a few candidates.

Their derivatives are 0 and 1 by a condition, so they are written as pullbacks that let the gradient pass or not.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.errors import message
from ..base.layout import in_order
from ..graph.op import Elementwise
from ..graph.promote import as_array
from .logic import where

NO_ORDER = "complex numbers have no order"


class Extremum(Elementwise, abstract=True):
    """The larger or smaller of two entries; equal ones share the gradient, and both get it where one is NaN."""

    takes = "bif"

    def forward(self, a: Any, b: Any) -> Any:
        return self(a, b)

    def check_dtype(self, common: Any) -> None:
        if common.rank == 3:
            name = type(self).__name__.lower()
            raise RuntimeError(message(f"{name} not implemented for complex tensors.", NO_ORDER))


class Maximum(Extremum):
    """y = max(a, b)"""

    lane = "maximum"
    compute = np.maximum

    def pull_a(self, g: Any, a: Any, b: Any) -> Any:
        return where(a == b, g / 2, where(a < b, 0, g))

    def pull_b(self, g: Any, a: Any, b: Any) -> Any:
        return where(a == b, g / 2, where(b < a, 0, g))


class Minimum(Extremum):
    """y = min(a, b)"""

    lane = "minimum"
    compute = np.minimum

    def pull_a(self, g: Any, a: Any, b: Any) -> Any:
        return where(a == b, g / 2, where(a > b, 0, g))

    def pull_b(self, g: Any, a: Any, b: Any) -> Any:
        return where(a == b, g / 2, where(b > a, 0, g))


class FMax(Extremum):
    """y = max(a, b), or the other one where one is NaN; of equal entries the first gets the gradient"""

    torch_name = "FmaxBackward0"

    def compute(self, a: Any, b: Any) -> Any:
        return np.fmax(b, a)  # of +0 and −0 the last is taken

    def pull_a(self, g: Any, a: Any, b: Any) -> Any:
        return where((a >= b) | (b != b), g, 0)

    def pull_b(self, g: Any, a: Any, b: Any) -> Any:
        return where((a >= b) | (b != b), 0, g)


class FMin(Extremum):
    """y = min(a, b), or the other one where one is NaN; of equal entries the first gets the gradient"""

    torch_name = "FminBackward0"

    def compute(self, a: Any, b: Any) -> Any:
        return np.fmin(b, a)

    def pull_a(self, g: Any, a: Any, b: Any) -> Any:
        return where((a <= b) | (b != b), g, 0)

    def pull_b(self, g: Any, a: Any, b: Any) -> Any:
        return where((a <= b) | (b != b), 0, g)


# ---------------------------------------------------------------------- kept within bounds


class Bounded(Elementwise, abstract=True):
    """An op that keeps entries within bounds."""

    takes = "bif"

    def check_dtype(self, common: Any) -> None:
        if common.rank == 3:
            raise NotImplementedError(message("clamp is not supported for complex types", NO_ORDER))


class Clamp(Bounded):
    """y = x, but at least ``low`` and at most ``high``; the gradient passes between the bounds and at them"""

    lane = "forward"
    large = 1 << 15
    fields = ("low", "high", "torch_name")

    def __init__(self, low: Any, high: Any, torch_name: str = "ClampBackward1") -> None:
        self.low, self.high, self.torch_name = low, high, torch_name
        self.bounds: dict[np.dtype, tuple[Any, Any]] = {}

    def forward(self, x: Any) -> Any:
        y = x if self.low is None else maximum(x, self.low)
        return y if self.high is None else minimum(y, self.high)

    def compute(self, x: Any) -> Any:
        low, high = self.bounds.get(x.dtype) or self.bounds_as(x.dtype)
        if low is None:
            return np.minimum(high, x)
        y = np.maximum(low, x)
        return y if high is None else np.minimum(y, high, out=y if y.ndim else None)

    def bounds_as(self, dtype: np.dtype) -> tuple[Any, Any]:
        """The bounds as 0-dim arrays, which NumPy takes twice as fast as Python's numbers."""
        found = tuple(None if b is None else as_array(b, dtype) for b in (self.low, self.high))
        self.bounds[dtype] = found  # type: ignore[assignment]
        return found  # type: ignore[return-value]

    def pull_x(self, g: Any, x: Any) -> Any:
        low, high = self.low, self.high
        if low is None:
            return where(x <= high, g, 0)
        return where(x >= low, g, 0) if high is None else where((x >= low) & (x <= high), g, 0)


class ClampMin(Bounded):
    """y = max(x, low); x gets the gradient where it is not below the bound, else the bound does"""

    fields = ("torch_name",)
    compute = np.maximum

    def forward(self, x: Any, low: Any) -> Any:
        return maximum(x, low)

    def pull_x(self, g: Any, x: Any, low: Any) -> Any:
        return where(x >= low, g, 0)

    def pull_low(self, g: Any, x: Any, low: Any) -> Any:
        return where(x < low, g, 0)


class ClampMax(Bounded):
    """y = min(x, high); x gets the gradient where it is not above the bound, else the bound does"""

    fields = ("torch_name",)
    compute = np.minimum

    def forward(self, x: Any, high: Any) -> Any:
        return minimum(x, high)

    def pull_x(self, g: Any, x: Any, high: Any) -> Any:
        return where(x <= high, g, 0)

    def pull_high(self, g: Any, x: Any, high: Any) -> Any:
        return where(x > high, g, 0)


class ClampBetween(Bounded):
    """y = min(max(x, low), high): x between bounds that differ from entry to entry"""

    torch_name = "ClampBackward0"

    def forward(self, x: Any, low: Any, high: Any) -> Any:
        return minimum(maximum(x, low), high)

    def pull_x(self, g: Any, x: Any, low: Any, high: Any) -> Any:
        return where((x >= low) & (x <= high), g, 0)

    def pull_low(self, g: Any, x: Any, low: Any, high: Any) -> Any:
        return where((x < low) & (low < high), g, 0)

    def pull_high(self, g: Any, x: Any, low: Any, high: Any) -> Any:
        return where((x > high) | (high < low), g, 0)


# ---------------------------------------------------------------------- the rest


class Heaviside(Elementwise):
    """y = 0 where a < 0, 1 where a > 0, and b where a = 0"""

    takes = "bif"
    torch_name = "torch::autograd::NotImplemented"

    def forward(self, a: Any, b: Any) -> Any:
        return self(a, b)

    def compute(self, a: Any, b: Any) -> Any:
        return np.where(a == 0, b, a > 0).astype(a.dtype)

    def pull_a(self, g: Any) -> Any:
        raise RuntimeError("derivative for aten::heaviside is not implemented")

    pull_b = pull_a


class NanToNum(Elementwise):
    """y = x, with NaN and ±∞ replaced by numbers"""

    fields = ("nan", "posinf", "neginf")
    torch_name = "NanToNumBackward0"

    def forward(self, x: Any) -> Any:
        return self(x)

    def compute(self, x: Any) -> Any:
        if x.dtype.kind not in "fc":
            return x.copy()
        return np.nan_to_num(in_order(x) if 0 in x.strides else x, nan=self.nan, posinf=self.posinf, neginf=self.neginf)

    def pull_x(self, g: Any, x: Any) -> Any:
        return where(x - x == 0, g, 0)  # false for NaN and ±∞


class NextAfter(Elementwise):
    """y = the floating-point number after a on the way to b"""

    takes = "f"
    torch_name = "NextafterBackward0"
    compute = np.nextafter

    def forward(self, a: Any, b: Any) -> Any:
        return self(a, b)

    def pull_a(self, g: Any, a: Any, b: Any) -> Any:
        return where(a == b, 0, g)

    def d_b(self) -> Any:
        return 0


maximum, minimum, fmax, fmin = Maximum(), Minimum(), FMax(), FMin()
heaviside, nextafter = Heaviside(), NextAfter()
clamp_from, clamp_to, clamp_between = ClampMin("ClampBackward0"), ClampMax("ClampBackward0"), ClampBetween()
clamp_min, clamp_max = ClampMin("ClampMinBackward1"), ClampMax("ClampMaxBackward1")
