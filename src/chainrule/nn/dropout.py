"""Layers that set entries to zero at random while training, and do nothing afterwards."""

from __future__ import annotations

from typing import Any

from ..base.errors import message
from . import functional as F
from .module import Module


class DropoutBase(Module):
    """Dropout with probability ``p``; subclasses say what is dropped."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(
                message(
                    f"dropout probability has to be between 0 and 1, but got {p}",
                    "it is the share of entries that are set to zero",
                    f"p={p / 100:g}, if it is in percent" if 1 < p <= 100 else "",
                )
            )
        self.p, self.inplace = p, inplace

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(DropoutBase):
    """y = m · x / (1 − p), each entry of the mask m being 0 with probability p and else 1; y = x in evaluation.

    Dividing by 1 − p keeps the mean what it was (Srivastava et al., 2014).

    >>> nn.Dropout(0.9).eval()(torch.ones(3))
    tensor([1., 1., 1.])
    """

    def forward(self, input: Any) -> Any:
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout1d(DropoutBase):
    """`Dropout` of whole channels of inputs (N, C, L) or (C, L)."""

    def forward(self, input: Any) -> Any:
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(DropoutBase):
    """`Dropout` of whole channels of inputs (N, C, H, W) or (C, H, W): neighbouring pixels are too alike to be dropped singly."""

    def forward(self, input: Any) -> Any:
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(DropoutBase):
    """`Dropout` of whole channels of inputs (N, C, D, H, W) or (C, D, H, W)."""

    def forward(self, input: Any) -> Any:
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(DropoutBase):
    """Dropout that keeps mean 0 and variance 1 behind SELU: entries go to SELU's lowest value, then all are rescaled.

    (Klambauer et al., "Self-Normalizing Neural Networks", 2017.)
    """

    def forward(self, input: Any) -> Any:
        return F.alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(DropoutBase):
    """`AlphaDropout` of whole channels."""

    def forward(self, input: Any) -> Any:
        return F.feature_alpha_dropout(input, self.p, self.training)
