"""Activation functions as layers."""

from __future__ import annotations

import warnings
from typing import Any

from ..base.errors import message
from . import functional as F
from .functional.legacy import implicit_dim
from .module import Module
from .parameter import fresh


class InPlace(Module):
    """A layer that can write its result over its input."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class ReLU(InPlace):
    """y = max(x, 0)

    >>> nn.ReLU()(torch.tensor([-1., 2.]))
    tensor([0., 2.])
    """

    def forward(self, input: Any) -> Any:
        return F.relu(input, self.inplace)


class Hardtanh(Module):
    """y = x, but at least ``min_val`` and at most ``max_val``"""

    def __init__(
        self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False, min_value: float | None = None,
        max_value: float | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if min_value is not None:
            warnings.warn("keyword argument `min_value` is deprecated and rename to `min_val`", FutureWarning, stacklevel=2)
            min_val = min_value
        if max_value is not None:
            warnings.warn("keyword argument `max_value` is deprecated and rename to `max_val`", FutureWarning, stacklevel=2)
            max_val = max_value
        if max_val <= min_val:
            raise AssertionError(f"max_val ({max_val}) must be greater than min_val ({min_val})")
        self.min_val, self.max_val, self.inplace = min_val, max_val, inplace

    def forward(self, input: Any) -> Any:
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        return f"min_val={self.min_val}, max_val={self.max_val}" + ", inplace=True" * self.inplace


class ReLU6(Hardtanh):
    """y = min(max(x, 0), 6)"""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class Alpha(Module):
    """A layer with a number ``alpha``."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha, self.inplace = alpha, inplace

    def extra_repr(self) -> str:
        return f"alpha={self.alpha}" + ", inplace=True" * self.inplace


class ELU(Alpha):
    """y = x where x > 0, else α · (eˣ − 1) (Clevert et al., 2016)"""

    def forward(self, input: Any) -> Any:
        return F.elu(input, self.alpha, self.inplace)


class CELU(Alpha):
    """y = x where x > 0, else α · (e^(x/α) − 1) (Barron, 2017)"""

    def forward(self, input: Any) -> Any:
        return F.celu(input, self.alpha, self.inplace)


class SELU(InPlace):
    """y = s · ELU(x) with the s and α that keep mean 0 and variance 1 (Klambauer et al., 2017)"""

    def forward(self, input: Any) -> Any:
        return F.selu(input, self.inplace)


class SiLU(InPlace):
    """y = x · σ(x), also called swish"""

    def forward(self, input: Any) -> Any:
        return F.silu(input, self.inplace)


class Mish(InPlace):
    """y = x · tanh(ln(1 + eˣ)) (Misra, 2019)"""

    def forward(self, input: Any) -> Any:
        return F.mish(input, self.inplace)


class Hardswish(InPlace):
    """y = x · min(max(x + 3, 0), 6) / 6 (Howard et al., 2019)"""

    def forward(self, input: Any) -> Any:
        return F.hardswish(input, self.inplace)

    def extra_repr(self) -> str:
        return ""


class Hardsigmoid(InPlace):
    """y = min(max(x + 3, 0), 6) / 6"""

    def forward(self, input: Any) -> Any:
        return F.hardsigmoid(input, self.inplace)

    def extra_repr(self) -> str:
        return ""


class GELU(Module):
    """y = x · Φ(x), Φ being the normal distribution (Hendrycks and Gimpel, 2016)

    >>> nn.GELU()
    GELU(approximate='none')
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Any) -> Any:
        return F.gelu(input, approximate=self.approximate)

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"


class LeakyReLU(Module):
    """y = x where x > 0, else negative_slope · x"""

    def __init__(self, negative_slope: float = 1e-2, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope, self.inplace = negative_slope, inplace

    def forward(self, input: Any) -> Any:
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        return f"negative_slope={self.negative_slope}" + ", inplace=True" * self.inplace


class RReLU(Module):
    """y = x where x > 0, else a · x, with a drawn between ``lower`` and ``upper`` in training, and their mean otherwise"""

    def __init__(self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False) -> None:
        super().__init__()
        self.lower, self.upper, self.inplace = lower, upper, inplace

    def forward(self, input: Any) -> Any:
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        return f"lower={self.lower}, upper={self.upper}" + ", inplace=True" * self.inplace


class PReLU(Module):
    """y = x where x > 0, else w · x, with a learned w for all entries, or one for each channel (He et al., 2015)

    >>> nn.PReLU()(torch.tensor([-1., 1.]))
    tensor([-0.2500,  1.0000], grad_fn=<PreluKernelBackward0>)
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        self.num_parameters, self.init = num_parameters, init
        self.weight = fresh((num_parameters,), dtype, device)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Every w starts at ``init``."""
        from .init import constant_

        constant_(self.weight, self.init)

    def forward(self, input: Any) -> Any:
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class Threshold(Module):
    """y = x where x > threshold, else value"""

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold, self.value, self.inplace = threshold, value, inplace

    def forward(self, input: Any) -> Any:
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        return f"threshold={self.threshold}, value={self.value}" + ", inplace=True" * self.inplace


class Softplus(Module):
    """y = ln(1 + e^(β·x)) / β, and x itself where β·x > threshold"""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def forward(self, input: Any) -> Any:
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        return f"beta={self.beta}, threshold={self.threshold}"


class Shrink(Module):
    """A layer with a number ``lambd``."""

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def extra_repr(self) -> str:
        return str(self.lambd)


class Hardshrink(Shrink):
    """y = x where |x| > λ, else 0"""

    def forward(self, input: Any) -> Any:
        return F.hardshrink(input, self.lambd)


class Softshrink(Shrink):
    """y = x − λ above λ, x + λ below −λ, else 0"""

    def forward(self, input: Any) -> Any:
        return F.softshrink(input, self.lambd)


class Sigmoid(Module):
    """y = 1 / (1 + e⁻ˣ)"""

    def forward(self, input: Any) -> Any:
        return F.sigmoid(input)


class LogSigmoid(Module):
    """y = −ln(1 + e⁻ˣ)"""

    def forward(self, input: Any) -> Any:
        return F.logsigmoid(input)


class Tanh(Module):
    """y = tanh x"""

    def forward(self, input: Any) -> Any:
        return F.tanh(input)


class Tanhshrink(Module):
    """y = x − tanh x"""

    def forward(self, input: Any) -> Any:
        return F.tanhshrink(input)


class Softsign(Module):
    """y = x / (1 + |x|)"""

    def forward(self, input: Any) -> Any:
        return F.softsign(input)


class GLU(Module):
    """y = a · σ(b), a and b being the two halves of x along ``dim`` (Dauphin et al., 2017)"""

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Any:
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class AlongDim(Module):
    """A layer that acts along the axis ``dim``."""

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class Softmax(AlongDim):
    """y = eˣ / Σ eˣ along ``dim``: positive numbers that sum to one.

    >>> nn.Softmax(dim=0)(torch.zeros(2))
    tensor([0.5000, 0.5000])
    """

    def forward(self, input: Any) -> Any:
        return F.softmax(input, implicit_dim("softmax", input.dim()) if self.dim is None else self.dim)


class LogSoftmax(AlongDim):
    """y = x − ln Σ eˣ along ``dim``"""

    def forward(self, input: Any) -> Any:
        return F.log_softmax(input, implicit_dim("log_softmax", input.dim()) if self.dim is None else self.dim)


class Softmin(AlongDim):
    """`Softmax` of −x"""

    def forward(self, input: Any) -> Any:
        return F.softmin(input, implicit_dim("softmin", input.dim()) if self.dim is None else self.dim)


class Softmax2d(Module):
    """`Softmax` over the channels of an image (N, C, H, W) or (C, H, W)."""

    def forward(self, input: Any) -> Any:
        if input.dim() not in (3, 4):
            raise ValueError(
                message(f"Softmax2d: expected input to be 3D or 4D, got {input.dim()}D instead", "", "nn.Softmax(dim=1)")
            )
        return F.softmax(input, -3)
