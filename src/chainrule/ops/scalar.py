"""The primitives: functions of one number that NumPy computes itself; all other elementwise ops are written with these."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.op import Elementwise


class Primitive(Elementwise, abstract=True):
    """An elementwise function that stands for itself: its formula is its name, its value is NumPy's."""

    def forward(self, x: Any) -> Any:
        return self(x)


class Exp(Primitive):
    """y = eˣ"""

    floating = True
    compute = np.exp

    def d_x(self, y: Any) -> Any:
        return y


class Log(Primitive):
    """y = ln x"""

    floating = True
    domain = "x > 0.1"
    compute = np.log

    def d_x(self, x: Any) -> Any:
        return 1 / x


class Sqrt(Primitive):
    """y = √x"""

    floating = True
    domain = "x > 0.1"
    compute = np.sqrt

    def d_x(self, y: Any) -> Any:
        return 1 / (2 * y)


class Sin(Primitive):
    """y = sin x"""

    floating = True
    compute = np.sin

    def d_x(self, x: Any) -> Any:
        return cos(x)


class Cos(Primitive):
    """y = cos x"""

    floating = True
    compute = np.cos

    def d_x(self, x: Any) -> Any:
        return -sin(x)


class Tanh(Primitive):
    """y = tanh x"""

    floating = True
    compute = np.tanh

    def d_x(self, y: Any) -> Any:
        return 1 - y * y


class Sign(Primitive):
    """y = −1, 0 or 1 as x is negative, zero or positive"""

    compute = np.sign

    def d_x(self) -> Any:
        return 0


exp, log, sqrt, sin, cos, tanh, sign = Exp(), Log(), Sqrt(), Sin(), Cos(), Tanh(), Sign()
