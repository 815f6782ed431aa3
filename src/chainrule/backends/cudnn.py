"""``torch.backends.cudnn``: switches for convolutions on a GPU. They hold what they are set to; here is no GPU to mind them.

Convolutions on the CPU are deterministic here with any setting.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..base.absent import answering

enabled = True
benchmark = False
deterministic = False
allow_tf32 = True
benchmark_limit: int | None = None

is_available = answering("is_available", False, "Whether cuDNN is there: it is not.")
is_acceptable = answering("is_acceptable", False, "Whether cuDNN computes with this tensor: no.")
version = answering("version", None, "The version of cuDNN: None, as there is none.")


def set_flags(
    _enabled: bool | None = None,
    _benchmark: bool | None = None,
    _benchmark_limit: int | None = None,
    _deterministic: bool | None = None,
    _allow_tf32: bool | None = None,
) -> tuple[Any, ...]:
    """Set the switches that are given; returns what all were before."""
    before = (enabled, benchmark, benchmark_limit, deterministic, allow_tf32)
    names = ("enabled", "benchmark", "benchmark_limit", "deterministic", "allow_tf32")
    given = (_enabled, _benchmark, _benchmark_limit, _deterministic, _allow_tf32)
    globals().update({name: value for name, value in zip(names, given) if value is not None})
    return before


@contextmanager
def flags(
    enabled: bool = False,
    benchmark: bool = False,
    benchmark_limit: int = 10,
    deterministic: bool = False,
    allow_tf32: bool = True,
) -> Iterator[None]:
    """The switches, for a while."""
    before = set_flags(enabled, benchmark, benchmark_limit, deterministic, allow_tf32)
    try:
        yield
    finally:
        names = ("enabled", "benchmark", "benchmark_limit", "deterministic", "allow_tf32")
        globals().update(zip(names, before))
