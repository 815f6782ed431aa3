"""What the hardware allows: multiply-adds a second and bytes moved a second, measured here by kernels of our own.

A row that states its cost is compared with them. The limit counts arithmetic that every framework must do and bytes that
must cross memory once; what a step needs besides, such as exponentials or the order of its additions, is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

COPIED = 1 << 29  # bytes read and written


@dataclass(frozen=True)
class Cost:
    """What a training step must do."""

    flops: float = 0.0  # a multiplication and an addition are two
    bytes: float = 0.0  # read and written


@dataclass(frozen=True)
class Limits:
    """Per second, in float32."""

    flops_of_a_core: float
    flops: float  # of all cores
    bytes: float  # of all cores; a copied byte is two, one read and one written

    def seconds(self, cost: Cost) -> float:
        """No step of this cost takes less."""
        return max(cost.flops / self.flops, cost.bytes / self.bytes)

    def as_dict(self) -> Mapping[str, float]:
        return asdict(self)


def measured(seconds: float = 0.5) -> Limits | None:
    """The limits of this machine now; None where no machine code can be made."""
    from chainrule.base.threads import cores
    from chainrule.native import kernels, roofline

    if not kernels.ready():
        return None
    return Limits(roofline.vectors(seconds, 1), roofline.vectors(seconds, 8 * cores()), roofline.copied(COPIED, seconds))
