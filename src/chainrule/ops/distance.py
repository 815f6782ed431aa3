"""The length of a difference."""

from __future__ import annotations

from .reduce import VectorNorm


class DistanceNorm(VectorNorm):
    """y = (Σ |x|ᵖ)^(1/p) along the last axis, x being the difference of two vectors"""

    torch_name = "NormBackward1"
