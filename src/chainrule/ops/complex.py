"""Complex numbers and their parts. Gradients follow PyTorch's convention: ∂L/∂z̄, the direction of steepest ascent."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.op import Elementwise, Op
from ..graph.value import Value
from .logic import where
from .scalar import cos, sin

PAIR = {"F": np.float32, "D": np.float64}  # the real dtype of the two parts of a complex one
WHOLE = {"f": np.complex64, "d": np.complex128}


class Parts(Op, abstract=True):
    """An op on complex numbers that is not a complex-differentiable function of them."""

    slow = ""


class Conj(Parts):
    """y = z̄"""

    def forward(self, x: Any) -> Any:
        return np.conjugate(x) if isinstance(x, (np.ndarray, np.generic)) else self(x)

    def pull_x(self, g: Any) -> Any:
        return self(g)


class Real(Parts):
    """y = Re z"""

    view = True
    torch_name = "SelectBackward0"

    def forward(self, x: Any) -> Any:
        return x.real

    def pull_x(self, g: Any) -> Any:
        return complex_(g, 0 * g)


class Imag(Parts):
    """y = Im z"""

    view = True
    torch_name = "SelectBackward0"

    def forward(self, x: Any) -> Any:
        return x.imag

    def pull_x(self, g: Any) -> Any:
        return complex_(0 * g, g)


class Complex(Parts):
    """y = a + i·b"""

    broadcasts = True

    def forward(self, a: Any, b: Any) -> Any:
        y: Any = np.empty(np.broadcast_shapes(a.shape, b.shape), WHOLE[a.dtype.char])
        y.real, y.imag = a, b
        return y

    def pull_a(self, g: Any) -> Any:
        return real(g)

    def pull_b(self, g: Any) -> Any:
        return imag(g)


class Magnitude(Parts):
    """y = |z|, with derivative 0 at 0"""

    torch_name = "AbsBackward0"
    compute = np.absolute

    def forward(self, x: Any) -> Any:
        return self(x)

    def pull_x(self, g: Any, x: Any) -> Any:
        return direction(x) * g


class Direction(Parts):
    """y = z / |z|, and 0 at 0"""

    torch_name = "SgnBackward0"
    compute = np.sign

    def forward(self, x: Any) -> Any:
        return self(x)

    def pull_x(self, g: Any, x: Any, y: Any) -> Any:
        along = real(conj(g) * y)  # moving z along its own direction does not change it
        return where(x == 0, 0, (g - y * along) / magnitude(x))


class Angle(Parts):
    """y = the angle of z, from −π to π; for real numbers 0, or π where negative"""

    def forward(self, x: Any) -> Any:
        return (
            np.angle(x) if x.dtype.kind == "c" else np.where(x < 0, np.pi, 0 * np.sign(x)).astype(x.dtype, copy=False)
        )

    def pull_x(self, g: Any, x: Any) -> Any:
        if not is_complex(x):
            return 0 * g
        square = magnitude(x) * magnitude(x)
        return complex_(where(square == 0, 0, g * -imag(x) / square), where(square == 0, 0, g * real(x) / square))


class Polar(Elementwise):
    """y = r · (cos φ + i sin φ)"""

    takes = "f"

    def forward(self, r: Any, angle: Any) -> Any:
        return complex_(r * cos(angle), r * sin(angle))

    def pull_r(self, g: Any, angle: Any) -> Any:
        return real(g) * cos(angle) + imag(g) * sin(angle)

    def pull_angle(self, g: Any, r: Any, angle: Any) -> Any:
        return r * (imag(g) * cos(angle) - real(g) * sin(angle))


class ViewAsReal(Parts):
    """y[…, 0] = Re z, y[…, 1] = Im z, in the same memory"""

    view = True

    def forward(self, x: Any) -> Any:
        return x[..., None].view(PAIR[x.dtype.char])

    def pull_x(self, g: Any) -> Any:
        return view_as_complex(np.ascontiguousarray(g) if isinstance(g, np.ndarray) else g)


class ViewAsComplex(Parts):
    """y = x[…, 0] + i · x[…, 1], in the same memory"""

    view = True

    def forward(self, x: Any) -> Any:
        return x.view(WHOLE[x.dtype.char])[..., 0]

    def pull_x(self, g: Any) -> Any:
        return view_as_real(g)


def is_complex(x: Any) -> bool:
    """Whether an array or a value holds complex numbers."""
    return (x.array if isinstance(x, Value) else x).dtype.kind == "c"


conj, real, imag, complex_, magnitude, direction = Conj(), Real(), Imag(), Complex(), Magnitude(), Direction()
angle, polar, view_as_real, view_as_complex = Angle(), Polar(), ViewAsReal(), ViewAsComplex()
