"""``torch.functional``: where some of torch's functions are found too, as ``torch.functional.einsum``."""

from __future__ import annotations

from typing import Any

NAMES = (
    "align_tensors atleast_1d atleast_2d atleast_3d block_diag broadcast_shapes broadcast_tensors cartesian_prod cdist "
    "chain_matmul einsum lu meshgrid norm split stft tensordot unique unique_consecutive unravel_index"
).split()


def __getattr__(name: str) -> Any:
    import chainrule

    if name in NAMES and hasattr(chainrule, name):
        return getattr(chainrule, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
