"""``torch.types``: names for annotations."""

from __future__ import annotations

import os
from typing import IO, Any, TypeAlias, Union

from .base.device import device
from .tensors.size import Size as Size
from .tensors.storage import UntypedStorage
from .tensors.tensor import Tensor as Tensor
from .tensors.typed_storage import TypedStorage

Number: TypeAlias = int | float | bool
Device: TypeAlias = device | str | int | None
FileLike: TypeAlias = Union[str, "os.PathLike[str]", IO[bytes]]  # noqa: UP007  (a string cannot be joined with |)
Storage: TypeAlias = TypedStorage | UntypedStorage
IntLikeType: TypeAlias = int
FloatLikeType: TypeAlias = float
BoolLikeType: TypeAlias = bool

__all__ = ["Any", "Device", "FileLike", "Number", "Storage"]
