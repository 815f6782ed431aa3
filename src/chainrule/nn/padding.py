"""Padding as layers: (before, after) for each axis, last axis first, or one number for all sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import functional as F
from .module import Module


class Pad(Module):
    """y = x with entries put before and after its last axes."""

    axes: int
    mode: str

    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__()
        self.padding = tuple(padding) if isinstance(padding, Sequence) else (padding,) * (2 * self.axes)

    def forward(self, input: Any) -> Any:
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ConstantPad(Pad):
    """y = x with one number around it"""

    def __init__(self, padding: int | Sequence[int], value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Any) -> Any:
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(ConstantPad):
    """y = x with one number before and after its last axis

    >>> nn.ConstantPad1d((1, 2), 3.5)(torch.tensor([[1., 2.]]))
    tensor([[3.5000, 1.0000, 2.0000, 3.5000, 3.5000]])
    """

    axes = 1


class ConstantPad2d(ConstantPad):
    """y = x with one number around its last two axes"""

    axes = 2


class ConstantPad3d(ConstantPad):
    """y = x with one number around its last three axes"""

    axes = 3


class ZeroPad(ConstantPad):
    """y = x with zeros around it"""

    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ZeroPad1d(ZeroPad):
    """y = x with zeros before and after its last axis"""

    axes = 1


class ZeroPad2d(ZeroPad):
    """y = x with zeros around its last two axes

    >>> nn.ZeroPad2d(1)(torch.ones(1, 1, 1))
    tensor([[[0., 0., 0.],
             [0., 1., 0.],
             [0., 0., 0.]]])
    """

    axes = 2


class ZeroPad3d(ZeroPad):
    """y = x with zeros around its last three axes"""

    axes = 3


class ReflectionPad1d(Pad):
    """y = x mirrored at both ends of its last axis

    >>> nn.ReflectionPad1d(2)(torch.tensor([[0., 1., 2., 3.]]))
    tensor([[2., 1., 0., 1., 2., 3., 2., 1.]])
    """

    axes, mode = 1, "reflect"


class ReflectionPad2d(Pad):
    """y = x mirrored at the edges of its last two axes"""

    axes, mode = 2, "reflect"


class ReflectionPad3d(Pad):
    """y = x mirrored at the faces of its last three axes"""

    axes, mode = 3, "reflect"


class ReplicationPad1d(Pad):
    """y = x with the ends of its last axis repeated"""

    axes, mode = 1, "replicate"


class ReplicationPad2d(Pad):
    """y = x with the edges of its last two axes repeated"""

    axes, mode = 2, "replicate"


class ReplicationPad3d(Pad):
    """y = x with the faces of its last three axes repeated"""

    axes, mode = 3, "replicate"


class CircularPad1d(Pad):
    """y = x going round along its last axis

    >>> nn.CircularPad1d((1, 1))(torch.tensor([[0., 1., 2.]]))
    tensor([[2., 0., 1., 2., 0.]])
    """

    axes, mode = 1, "circular"


class CircularPad2d(Pad):
    """y = x going round along its last two axes"""

    axes, mode = 2, "circular"


class CircularPad3d(Pad):
    """y = x going round along its last three axes"""

    axes, mode = 3, "circular"
