"""Activation functions, each by its formula.

``forward`` is the formula. Where a quicker or a safer way to compute the same exists, it is ``compute``: fewer
temporaries on large arrays, no overflow. Kinks and their derivatives are PyTorch's.
"""

from __future__ import annotations

from math import pi
from math import sqrt as root
from typing import Any

import numpy as np

from ..base.errors import message
from ..graph.op import Elementwise
from .choice import maximum, minimum
from .kernels import activations as kernels
from .logic import where
from .scalar import exp, expm1, log, log1p, tanh
from .special import erf

ZERO = {c: np.zeros((), c) for c in "bBhHiIlLqQfd"}  # 0-dim arrays: ufuncs take them twice as fast as Python's 0


class Activation(Elementwise, abstract=True):
    """An activation function: it takes floating-point numbers only, as PyTorch's do."""

    takes = "f"
    large = 1 << 14


# ---------------------------------------------------------------------- made of eˣ


class Sigmoid(Elementwise):
    """y = σ(x) = 1 / (1 + e⁻ˣ)"""

    lane = "forward"
    symbol = "σ"
    floating = True
    large = 1 << 14

    compute = staticmethod(kernels.sigmoid)

    def forward(self, x: Any) -> Any:
        return 1 / (1 + exp(-x))

    def d_x(self, y: Any) -> Any:
        return y * (1 - y)


class LogSigmoid(Activation):
    """y = ln σ(x) = −ln(1 + e⁻ˣ)"""

    lane = "without_overflow"
    kernel = "log_sigmoid_cpu"

    def forward(self, x: Any) -> Any:
        return -log(1 + exp(-x))

    def without_overflow(self, x: Any) -> Any:
        return minimum(x, 0) - log1p(exp(-abs(x)))

    def compute(self, x: Any) -> Any:
        return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))  # the exponential is at most 1

    def d_x(self, x: Any) -> Any:
        return sigmoid(-x)


class Softplus(Activation):
    """y = ln(1 + e^(βx)) / β, and x itself where βx is above the threshold"""

    fields = ("beta", "threshold")

    def forward(self, x: Any) -> Any:
        return where(self.beta * x > self.threshold, x, log1p(exp(self.beta * x)) / self.beta)

    def pull_x(self, g: Any, x: Any) -> Any:
        return where(self.beta * x > self.threshold, g, g * sigmoid(self.beta * x))


class Silu(Activation):
    """y = x · σ(x)"""

    lane = "forward"
    takes = "fc"
    compute = staticmethod(kernels.silu)

    def forward(self, x: Any) -> Any:
        return x * sigmoid(x)

    def d_x(self, x: Any) -> Any:
        s = sigmoid(x)
        return s * (1 + x * (1 - s))


class Mish(Activation):
    """y = x · tanh(ln(1 + eˣ))"""

    lane = "by_division"
    compute = staticmethod(kernels.mish)

    def forward(self, x: Any) -> Any:
        return x * tanh(log1p(exp(x)))

    def by_division(self, x: Any) -> Any:
        e = exp(minimum(x, 30))
        n = (e + 2) * e
        return x * (n / (n + 2))

    def d_x(self, x: Any) -> Any:
        t = tanh(log1p(exp(x)))
        return t + x * sigmoid(x) * (1 - t * t)


# ---------------------------------------------------------------------- Gaussian


class Gelu(Activation):
    """y = x · Φ(x), where Φ(x) = (1 + erf(x / √2)) / 2 is the normal distribution's"""

    lane = "gelu"
    kernel = "GeluKernelImpl"
    compute = staticmethod(kernels.gelu)

    def forward(self, x: Any) -> Any:
        return x * (1 + erf(x * root(1 / 2))) / 2

    def d_x(self, x: Any, y: Any) -> Any:
        return kernels.gelu_slope(x, y) if type(x) is np.ndarray else gelu_slope(x)  # quicker, because Φ(x) = y / x


class GeluSlope(Activation):
    """y = Φ(x) + x · φ(x), the derivative of x · Φ(x)"""

    lane = "gelu_slope"
    torch_name = "GeluBackwardBackward0"
    transparent = True

    def forward(self, x: Any) -> Any:
        return (1 + erf(x * root(1 / 2))) / 2 + x * exp(-x * x / 2) * root(1 / (2 * pi))

    def d_x(self, x: Any) -> Any:
        return (2 - x * x) * exp(-x * x / 2) * root(1 / (2 * pi))


class GeluTanh(Activation):
    """y = x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))"""

    lane = "forward"
    kernel = "GeluKernelImpl"
    torch_name = "GeluBackward0"
    compute = staticmethod(kernels.gelu_tanh)

    def forward(self, x: Any) -> Any:
        return x / 2 * (1 + tanh(root(2 / pi) * (x + 0.044715 * x * x * x)))

    def d_x(self, x: Any) -> Any:
        t = tanh(root(2 / pi) * (x + 0.044715 * x * x * x))
        return (1 + t) / 2 + x * (1 - t * t) * (1 + 3 * 0.044715 * x * x) * (root(2 / pi) / 2)


# ---------------------------------------------------------------------- made of straight pieces


class Relu(Elementwise):
    """y = max(x, 0), with derivative 0 at 0"""

    lane = "relu"
    takes = "if"
    large_rule = 1 << 15  # NumPy makes three passes of it

    def forward(self, x: Any) -> Any:
        return maximum(x, 0)

    def compute(self, x: Any) -> Any:
        return np.maximum(ZERO[x.dtype.char], x)  # in this order −0 stays −0

    def pull_x(self, g: Any, y: Any) -> Any:
        return where(y <= 0, 0, g)

    def check_dtype(self, common: Any) -> None:
        if common.rank == 0:
            raise RuntimeError("Boolean inputs not supported for relu")
        if common.rank == 3:
            raise NotImplementedError(
                message("clamp is not supported for complex types", "complex numbers have no order")
            )


class LeakyRelu(Activation):
    """y = x where x > 0, else slope · x"""

    lane = "forward"
    fields = ("slope",)
    kernel = "leaky_relu_cpu"

    def forward(self, x: Any) -> Any:
        return where(x > 0, x, self.slope * x)

    def compute(self, x: Any) -> Any:
        if 0 <= self.slope <= 1:
            return np.maximum(x, x * self.slope)
        return self.forward(x)

    def pull_x(self, g: Any, x: Any) -> Any:
        return where(x > 0, g, self.slope * g)


class PRelu(Activation):
    """y = x where x > 0, else w · x, with w learned"""

    kernel = "prelu_cpu"
    torch_name = "PreluKernelBackward0"

    def forward(self, x: Any, w: Any) -> Any:
        return where(x > 0, x, w * x)

    def pull_x(self, g: Any, x: Any, w: Any) -> Any:
        return where(x > 0, g, w * g)

    def pull_w(self, g: Any, x: Any) -> Any:
        return where(x > 0, 0, x * g)


class HardTanh(Elementwise):
    """y = x, but at least ``low`` and at most ``high``; no gradient passes at the bounds"""

    lane = "forward"
    large = 1 << 15
    fields = ("low", "high")
    takes = "if"
    torch_name = "HardtanhBackward0"

    def forward(self, x: Any) -> Any:
        return minimum(maximum(x, self.low), self.high)

    def compute(self, x: Any) -> Any:
        if x.dtype.kind == "u" and self.low < 0:
            raise RuntimeError("cannot do hardtanh on an unsigned type with negative limits")
        y = np.maximum(np.array(self.low, x.dtype), x)
        return np.minimum(y, np.array(self.high, x.dtype), out=y if y.ndim else None)

    def pull_x(self, g: Any, x: Any) -> Any:
        return where((x > self.low) & (x < self.high), g, 0)

    def check_dtype(self, common: Any) -> None:
        if common.rank == 0:
            raise RuntimeError("Bool inputs not supported for hardtanh")
        if common.rank == 3:
            raise NotImplementedError(
                message("clamp is not supported for complex types", "complex numbers have no order")
            )


class HardSigmoid(Activation):
    """y = (x + 3) / 6, but at least 0 and at most 1"""

    torch_name = "HardsigmoidBackward0"

    def forward(self, x: Any) -> Any:
        return minimum(maximum(x + 3, 0), 6) / 6

    def pull_x(self, g: Any, x: Any) -> Any:
        return where((x > -3) & (x < 3), g / 6, 0)


class HardSwish(Activation):
    """y = x · (x + 3) / 6 between −3 and 3, x above, 0 below"""

    torch_name = "HardswishBackward0"

    def forward(self, x: Any) -> Any:
        return x * minimum(maximum(x + 3, 0), 6) / 6

    def pull_x(self, g: Any, x: Any) -> Any:
        return where(x <= -3, 0, where(x >= 3, g, g * (x / 3 + 0.5)))


class Threshold(Elementwise):
    """y = x where x > threshold, else value"""

    fields = ("threshold", "value")
    takes = "if"
    torch_name = "ThresholdBackward0"

    def forward(self, x: Any) -> Any:
        return where(x <= self.threshold, self.value, x)

    def pull_x(self, g: Any, x: Any) -> Any:
        return where(x <= self.threshold, 0, g)


class HardShrink(Activation):
    """y = x where |x| > λ, else 0"""

    fields = ("lambd",)
    torch_name = "HardshrinkBackward0"

    def forward(self, x: Any) -> Any:
        return where((x >= -self.lambd) & (x <= self.lambd), 0, x)

    def pull_x(self, g: Any, x: Any) -> Any:
        return where((x < -self.lambd) | (x > self.lambd), g, 0)


class SoftShrink(Activation):
    """y = x − λ above λ, x + λ below −λ, else 0"""

    fields = ("lambd",)
    kernel = "softshrink_check"
    torch_name = "SoftshrinkBackward0"

    def forward(self, x: Any) -> Any:
        small = (x >= -self.lambd) & (x <= self.lambd)
        return where(small, 0, where(x > 0, x - self.lambd, x + self.lambd))

    def pull_x(self, g: Any, x: Any) -> Any:
        return where((x > self.lambd) | (x < -self.lambd), g, 0)


# ---------------------------------------------------------------------- exponential on one side


class Elu(Activation):
    """y = scale · x where x > 0, else scale · α · (e^(rate · x) − 1)"""

    fields = ("alpha", "scale", "rate")
    lane = "exactly"
    kernel = "elu_cpu"

    def forward(self, x: Any) -> Any:
        return where(x > 0, self.scale * x, self.scale * self.alpha * (exp(self.rate * x) - 1))

    def compute(self, x: Any) -> Any:
        low = np.expm1(np.minimum(ZERO[x.dtype.char], x) * self.rate) * (self.alpha * self.scale)
        return np.maximum(ZERO[x.dtype.char], x) * self.scale + low  # one of the two is 0

    def exactly(self, x: Any) -> Any:
        return where(x > 0, x * self.scale, expm1(x * self.rate) * (self.alpha * self.scale))

    def pull_x(self, g: Any, x: Any) -> Any:
        return where(x > 0, self.scale * g, g * (self.scale * self.alpha * self.rate) * exp(self.rate * where(x >= 0, 0, x)))


class Celu(Elu):
    """y = x where x > 0, else α · (e^(x/α) − 1)"""


class Softsign(Elementwise):
    """y = x / (1 + |x|)"""

    takes = "ifc"
    floating = True
    torch_name = "DivBackward0"

    def forward(self, x: Any) -> Any:
        return x / (1 + abs(x))

    def d_x(self, x: Any) -> Any:
        d = 1 + abs(x)
        return 1 / (d * d)


class Tanhshrink(Elementwise):
    """y = x − tanh x"""

    takes = "ifc"
    floating = True
    torch_name = "SubBackward0"

    def forward(self, x: Any) -> Any:
        return x - tanh(x)

    def d_x(self, x: Any) -> Any:
        t = tanh(x)
        return t * t


sigmoid, log_sigmoid, softplus, silu, mish = Sigmoid(), LogSigmoid(), Softplus(1, 20), Silu(), Mish()
gelu, gelu_slope, gelu_tanh, relu, prelu, relu6 = Gelu(), GeluSlope(), GeluTanh(), Relu(), PRelu(), HardTanh(0, 6)
hard_sigmoid, hard_swish, softsign, tanhshrink = HardSigmoid(), HardSwish(), Softsign(), Tanhshrink()
# Klambauer et al., "Self-Normalizing Neural Networks", 2017: these two constants keep mean 0 and variance 1.
selu = Elu(1.6732632423543772848170429916717, 1.0507009873554804934193349852946, 1)
