"""``torch.nn.attention``: which of its kernels PyTorch may compute attention with. There is one here, for all choices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any

from ..base.errors import message


class SDPBackend(Enum):
    """PyTorch's ways to compute attention."""

    ERROR = -1
    MATH = 0
    FLASH_ATTENTION = 1
    EFFICIENT_ATTENTION = 2
    CUDNN_ATTENTION = 3
    OVERRIDEABLE = 4


@contextmanager
def sdpa_kernel(backends: Any, set_priority: bool = False) -> Iterator[None]:
    """A block in which attention may be computed in these ways: it is computed in the one way there is."""
    chosen = [backends] if isinstance(backends, SDPBackend) else list(backends)
    for backend in chosen:
        if not isinstance(backend, SDPBackend):
            raise AssertionError(
                message(
                    f"Backend must be an instance of SDPBackend, got {type(backend).__name__}",
                    instead="sdpa_kernel(SDPBackend.MATH)",
                )
            )
    yield
