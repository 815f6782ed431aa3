"""`autocast`: where programs ask for matrix products in half precision.

Half precision is a bargain on processors that have instructions for it. NumPy has none, so a product in bfloat16 would
be slower here than in float32 *and* less exact. ``autocast`` therefore computes everything as it is given, and says so
once; the losses and gradients of a program are those of the same program without it.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from ..base import device as devices
from ..base import dtypes

CPU_DTYPES = (dtypes.bfloat16, dtypes.float16)
FAST: dict[str, dtypes.dtype] = {"cpu": dtypes.bfloat16, "xla": dtypes.bfloat16}  # by kind of device; elsewhere float16


class Switches:
    """What `switches` were set to: it changes what they answer, and nothing else."""

    cache, depth = True, 0


class autocast:  # noqa: N801  (torch's own spelling)
    """``with torch.autocast("cpu", dtype=torch.bfloat16): …``, or as a decorator: computes in full precision.

    >>> with torch.autocast("cuda", enabled=False):
    ...     (torch.ones(2, 2) @ torch.ones(2, 2)).dtype
    torch.float32
    """

    def __init__(
        self, device_type: str, dtype: dtypes.dtype | None = None, enabled: bool = True, cache_enabled: bool | None = None
    ) -> None:
        if not isinstance(device_type, str):
            raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
        self.device = devices.device(device_type).type
        self.fast_dtype = dtype or get_autocast_dtype(self.device)
        if enabled:
            warnings.warn(why_off(self.device, self.fast_dtype), UserWarning, stacklevel=2)

    def __enter__(self) -> autocast:
        return self

    def __exit__(self, *exc: Any) -> None:
        return None

    def __call__(self, func: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(func)
        def wrapped(*args: Any, **named: Any) -> Any:
            with self:
                return func(*args, **named)

        return wrapped


def why_off(device: str, dtype: dtypes.dtype) -> str:
    """Why mixed precision is off, in PyTorch's words where it has them."""
    if device != "cpu":
        return f"{device.upper()} is not available or torch_xla is imported. Disabling autocast."
    if dtype not in CPU_DTYPES:
        return (
            "In CPU autocast, but the target dtype is not supported. Disabling autocast.\n"
            f"CPU Autocast only supports dtypes of {', '.join(map(str, CPU_DTYPES))} currently."
        )
    return f"In CPU autocast, chainrule computes in full precision: NumPy has no fast products in {dtype}. Disabling autocast."


def is_autocast_available(device_type: str) -> bool:
    """Whether `autocast` changes anything for this kind of device."""
    devices.device(device_type)
    return False


def is_autocast_enabled(device_type: str = "cuda") -> bool:
    """Whether mixed precision is on: it is not."""
    devices.device(device_type)
    return False


def is_autocast_cpu_enabled() -> bool:
    return False


def is_autocast_cache_enabled() -> bool:
    return Switches.cache


def get_autocast_dtype(device_type: str) -> dtypes.dtype:
    """The half precision that programs mean when they do not say which."""
    return FAST.get(device_type, dtypes.float16)


def get_autocast_gpu_dtype() -> dtypes.dtype:
    return get_autocast_dtype("cuda")


def get_autocast_cpu_dtype() -> dtypes.dtype:
    return get_autocast_dtype("cpu")


def custom_fwd(fwd: Any = None, *, device_type: str = "cuda", cast_inputs: Any = None) -> Any:
    """Marks the forward of an ``autograd.Function`` for autocast; with autocast off there is nothing to do."""
    if fwd is None:
        return functools.partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs)
    return fwd


def custom_bwd(bwd: Any = None, *, device_type: str = "cuda") -> Any:
    """Marks the backward that belongs to `custom_fwd`."""
    return functools.partial(custom_bwd, device_type=device_type) if bwd is None else bwd
