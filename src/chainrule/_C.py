"""``torch._C``: the few names that programs take from PyTorch's compiled part."""

from __future__ import annotations

from types import TracebackType

from .linalg import LinAlgError as _LinAlgError
from .tensors.random import Generator as Generator

__all__ = ["DisableTorchFunction", "DisableTorchFunctionSubclass", "Generator", "_LinAlgError"]


class DisableTorchFunctionSubclass:
    """A block in which subclasses of `Tensor` do not see what is called on them: they never do here."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        return None


DisableTorchFunction = DisableTorchFunctionSubclass
