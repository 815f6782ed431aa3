"""The switches below `autocast`, which remember what they are set to; mixed precision itself stays off (`autocast_mode`)."""

from __future__ import annotations

import warnings

from ..base import device as devices
from ..base import dtypes
from .autocast_mode import FAST, Switches, get_autocast_dtype, is_autocast_enabled, why_off


def set_autocast_enabled(device_type: str | bool, enabled: bool | None = None) -> None:
    """Ask for mixed precision, or not: a warning says that it stays off.

    >>> torch.set_autocast_enabled("cpu", False)
    """
    if enabled is None:
        device_type, enabled = "cuda", bool(device_type)
    kind = devices.device(device_type).type
    if enabled:
        warnings.warn(why_off(kind, get_autocast_dtype(kind)), UserWarning, stacklevel=2)


def set_autocast_dtype(device_type: str, dtype: dtypes.dtype) -> None:
    """The dtype that `get_autocast_dtype` answers from now on."""
    if not isinstance(dtype, dtypes.dtype):
        raise TypeError(f"set_autocast_dtype(): argument 'dtype' must be torch.dtype, not {type(dtype).__name__}")
    FAST[devices.device(device_type).type] = dtype


def set_autocast_cache_enabled(enabled: bool) -> None:
    """Whether copies of weights in half precision would be kept; none are made."""
    Switches.cache = bool(enabled)


def clear_autocast_cache() -> None:
    """Forget the copies of weights in half precision: there are none, since none are made."""


def autocast_increment_nesting() -> int:
    """One more ``with autocast`` around; returns how many there are."""
    Switches.depth += 1
    return Switches.depth


def autocast_decrement_nesting() -> int:
    """One fewer ``with autocast`` around; returns how many there are."""
    Switches.depth -= 1
    return Switches.depth


def set_autocast_cpu_enabled(enabled: bool) -> None:
    set_autocast_enabled("cpu", enabled)


def set_autocast_ipu_enabled(enabled: bool) -> None:
    set_autocast_enabled("ipu", enabled)


def set_autocast_xla_enabled(enabled: bool) -> None:
    set_autocast_enabled("xla", enabled)


def set_autocast_cpu_dtype(dtype: dtypes.dtype) -> None:
    set_autocast_dtype("cpu", dtype)


def set_autocast_gpu_dtype(dtype: dtypes.dtype) -> None:
    set_autocast_dtype("cuda", dtype)


def set_autocast_ipu_dtype(dtype: dtypes.dtype) -> None:
    set_autocast_dtype("ipu", dtype)


def set_autocast_xla_dtype(dtype: dtypes.dtype) -> None:
    set_autocast_dtype("xla", dtype)


def get_autocast_ipu_dtype() -> dtypes.dtype:
    return get_autocast_dtype("ipu")


def get_autocast_xla_dtype() -> dtypes.dtype:
    return get_autocast_dtype("xla")


def is_autocast_ipu_enabled() -> bool:
    return is_autocast_enabled("ipu")


def is_autocast_xla_enabled() -> bool:
    return is_autocast_enabled("xla")
