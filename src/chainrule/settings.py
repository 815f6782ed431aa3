"""What a program may set for the whole process: threads, determinism, precision, the default device."""

from __future__ import annotations

import warnings
from typing import Any

from .base import device as devices
from .base import threads
from .base.errors import message

# ---------------------------------------------------------------------- threads


def get_num_threads() -> int:
    """How many threads large operations are shared between."""
    return threads.cores()


def set_num_threads(num: int) -> None:
    """Share large operations, and matrix products, between so many threads."""
    if type(num) is not int:
        raise RuntimeError(f"set_num_threads expects an int, but got {type(num).__name__}")
    if num < 1:
        raise RuntimeError(message("set_num_threads expects a positive integer", f"got {num}", "torch.set_num_threads(1)"))
    threads.use_cores(num)
    threads.blas_threads(num)


def get_num_interop_threads() -> int:
    """How many operations run at a time: 1, each when it is called."""
    return 1


def set_num_interop_threads(num: int) -> None:
    """Accepts 1: operations run when they are called, one at a time."""
    if num != 1:
        raise RuntimeError(
            message(
                f"cannot set number of interop threads to {num}",
                "operations run when they are called, one at a time",
                "torch.set_num_threads(n) shares each large operation between n threads",
            )
        )


# ---------------------------------------------------------------------- determinism

MODES = ("default", "warn", "error")


class Determinism:
    """What was asked for. Every operation here is deterministic, so no setting changes a result or raises."""

    mode = 0


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Ask for results that are the same in every run: they are, with either setting."""
    Determinism.mode = (1 if warn_only else 2) if mode else 0


def are_deterministic_algorithms_enabled() -> bool:
    """What `use_deterministic_algorithms` was given."""
    return Determinism.mode > 0


def is_deterministic_algorithms_warn_only_enabled() -> bool:
    return Determinism.mode == 1


def set_deterministic_debug_mode(debug_mode: int | str) -> None:
    """``"default"``, ``"warn"`` or ``"error"`` (0, 1, 2): another way to `use_deterministic_algorithms`."""
    number = MODES.index(debug_mode) if debug_mode in MODES else debug_mode
    if number not in (0, 1, 2):
        raise RuntimeError(
            f"invalid value of debug_mode, expected one of `default`, `warn`, `error`, but got {debug_mode}"
        )
    Determinism.mode = int(number)


def get_deterministic_debug_mode() -> int:
    return Determinism.mode


# ---------------------------------------------------------------------- precision

PRECISIONS = ("highest", "high", "medium")


class Precision:
    """What was asked for. Products in float32 are as exact as float32 is: ``highest`` is what every setting gives."""

    matmul = "highest"


def set_float32_matmul_precision(precision: str) -> None:
    """Allow products in float32 to be less exact (``"high"``, ``"medium"``): they stay exact here."""
    if precision not in PRECISIONS:
        warnings.warn(
            f"{precision} is not one of 'highest', 'high', or 'medium'; the current setFloat32MatmulPrecision call has no effect.",
            UserWarning,
            stacklevel=2,
        )
        return
    Precision.matmul = precision


def get_float32_matmul_precision() -> str:
    """What `set_float32_matmul_precision` was given."""
    return Precision.matmul


def set_flush_denormal(mode: bool) -> bool:
    """Ask for numbers below the smallest normal one to be 0. Returns whether that was done: NumPy has no such switch."""
    return False


# ---------------------------------------------------------------------- the default device


def set_default_device(device: Any) -> None:
    """Make tensors on this device unless another is named: it can be the CPU (or None, which means it)."""
    devices.check(device)


def get_default_device() -> devices.device:
    """Where tensors are made unless a device is named: the CPU."""
    return devices.CPU


# ---------------------------------------------------------------------- names


def typename(obj: Any) -> str:
    """The name of an object's type as PyTorch writes it.

    >>> torch.typename(torch.ones(1)), torch.typename(2)
    ('torch.FloatTensor', 'int')
    """
    from .tensors.tensor import Tensor

    if isinstance(obj, Tensor):
        return str(obj.type())  # type: ignore[attr-defined]
    named = obj if hasattr(obj, "__qualname__") else type(obj)
    module = getattr(named, "__module__", None) or ""
    return named.__qualname__ if module in ("builtins", "__builtin__", "") else f"{module}.{named.__qualname__}"


# ---------------------------------------------------------------------- warnings, and what there is


class Warnings:
    """Whether programs asked for warnings that PyTorch gives once per process to be given each time."""

    always = False


def set_warn_always(b: bool) -> None:
    """Ask for warnings each time. They are given each time with either setting; Python's filters decide which are shown.

    >>> torch.set_warn_always(True); torch.is_warn_always_enabled()
    True
    >>> torch.set_warn_always(False)
    """
    if type(b) is not bool:
        raise RuntimeError(
            message(f"setWarnOnlyOnce expects a bool, but got {type(b).__name__}", instead="torch.set_warn_always(True)")
        )
    Warnings.always = b


def is_warn_always_enabled() -> bool:
    """What `set_warn_always` was told."""
    return Warnings.always


def is_vulkan_available() -> bool:
    """Whether tensors can be on a GPU by way of Vulkan: they cannot."""
    return False


def get_device_module(device: Any = None) -> Any:
    """The module of a kind of device: ``torch.cpu``, ``torch.cuda``, …

    >>> torch.get_device_module().__name__
    'chainrule.cpu'
    """
    from importlib import import_module

    kind = devices.device("cpu" if device is None else device).type
    try:
        return import_module(f"chainrule.{kind}")
    except ModuleNotFoundError as e:
        raise RuntimeError(
            message(f"Invalid device module '{kind}'. Is there a corresponding 'torch.{kind}' module registered?")
        ) from e
