"""What dtypes are and do: their limits, which results when two meet, which one is the default."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes
from ..base.dtypes import dtype, promote
from ..base.errors import message
from ..graph.value import Value
from .convert import NAMES


class finfo:  # noqa: N801  (torch's own spelling)
    """The limits of a floating-point dtype: ``eps`` (1 + eps is the next number after 1), ``max``, ``tiny`` …

    >>> torch.finfo(torch.float32).eps
    1.1920928955078125e-07
    """

    def __init__(self, type: Any = None) -> None:
        kind = dtypes.Defaults.dtype if type is None else type
        if not isinstance(kind, dtype):
            raise TypeError(f"finfo(): argument 'type' (position 1) must be torch.dtype, not {kind.__class__.__name__}")
        if kind.rank < 2:
            raise TypeError("torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'")
        kind = kind.to_real()
        self.dtype, self.bits = kind.name, kind.itemsize * 8
        if kind is dtypes.bfloat16:
            import ml_dtypes

            limits: Any = ml_dtypes.finfo(kind.numpy)
        else:
            limits = np.finfo(kind.numpy)
        self.max, self.min, self.eps = float(limits.max), float(limits.min), float(limits.eps)
        self.tiny = self.smallest_normal = float(limits.smallest_normal)
        self.resolution = float(10.0 ** -int(limits.precision))

    def __repr__(self) -> str:
        numbers = {n: f"{getattr(self, n):.6g}" for n in ("resolution", "min", "max", "eps", "smallest_normal", "tiny")}
        return f"finfo({', '.join(f'{n}={v}' for n, v in numbers.items())}, dtype={self.dtype})"


class iinfo:  # noqa: N801
    """The smallest and largest number of an integer dtype.

    >>> torch.iinfo(torch.int8)
    iinfo(min=-128, max=127, dtype=int8)
    """

    def __init__(self, type: Any) -> None:
        if not isinstance(type, dtype):
            raise TypeError(f"iinfo(): argument 'type' (position 1) must be torch.dtype, not {type.__class__.__name__}")
        if type.rank != 1:
            raise TypeError("torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'")
        limits = np.iinfo(type.numpy)
        self.dtype, self.bits, self.min, self.max = type.name, limits.bits, int(limits.min), int(limits.max)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype})"


# ---------------------------------------------------------------------- questions


def is_tensor(obj: Any) -> bool:
    """Whether something is a tensor."""
    return isinstance(obj, Value)


def is_floating_point(input: Any) -> bool:
    """Whether a tensor holds floating-point numbers."""
    return input.array.dtype.kind in "fV"


def is_complex(input: Any) -> bool:
    """Whether a tensor holds complex numbers."""
    return input.array.dtype.kind == "c"


def is_signed(input: Any) -> bool:
    """Whether a tensor's dtype has negative numbers."""
    return dtypes.of(input.array).is_signed


def is_nonzero(input: Any) -> bool:
    """Whether a tensor of one entry holds something other than 0."""
    return bool(input)


def numel(input: Any) -> int:
    """The number of entries."""
    return input.array.size


# ---------------------------------------------------------------------- meeting


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """The dtype of a result of tensors of these two dtypes.

    >>> torch.promote_types(torch.int32, torch.float16)
    torch.float16
    """
    return promote(type1, type2)


def result_type(tensor1: Any, tensor2: Any) -> dtype:
    """The dtype that arithmetic with these two (tensors or numbers) would give.

    >>> torch.result_type(torch.tensor([1, 2]), 1.5)
    torch.float32
    """
    given = (tensor1, tensor2)
    values = [v.array for v in given if isinstance(v, Value)]
    return dtypes.result_type(
        [dtypes.of(a) for a in values if a.ndim],
        [dtypes.of(a) for a in values if not a.ndim],
        [v for v in given if not isinstance(v, Value)],
    )


def can_cast(from_: dtype, to: dtype) -> bool:
    """Whether promotion allows the step from one dtype to another: not from floating to integer, nor to bool.

    >>> torch.can_cast(torch.float32, torch.int32), torch.can_cast(torch.int64, torch.uint8)
    (False, True)
    """
    return from_.rank <= to.rank


# ---------------------------------------------------------------------- the default


def get_default_dtype() -> dtype:
    """The dtype that new floating-point tensors get."""
    return dtypes.Defaults.dtype


def set_default_dtype(d: Any) -> None:
    """Make ``d`` the dtype that new floating-point tensors get."""
    if not isinstance(d, dtype) or d.rank != 2:
        raise TypeError(
            message(
                "only floating-point types are supported as the default type"
                if isinstance(d, dtype)
                else "invalid dtype object: only floating-point types are supported as the default type",
                f"got {d!r}",
                "torch.set_default_dtype(torch.float64)",
            )
        )
    dtypes.Defaults.dtype = d


def set_default_tensor_type(t: Any) -> None:
    """The older way to say `set_default_dtype`: by ``torch.DoubleTensor`` or its name."""
    kind = NAMES.get(t.removeprefix("torch.")) if isinstance(t, str) else getattr(t, "legacy_dtype", None)
    if kind is None:
        raise TypeError(message(f"invalid type object: {t!r}", instead="torch.set_default_dtype(torch.float64)"))
    set_default_dtype(kind)
