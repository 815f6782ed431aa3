"""``torch.utils.dlpack``: tensors to and from other libraries, on the same memory."""

from __future__ import annotations

from typing import Any

from ..tensors.exchange import from_dlpack as from_dlpack


def to_dlpack(tensor: Any) -> Any:
    """The capsule that other libraries read, once. (Newer ones take the tensor itself: ``np.from_dlpack(tensor)``.)"""
    return tensor.__dlpack__()
