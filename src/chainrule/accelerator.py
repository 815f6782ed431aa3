"""``torch.accelerator``: the GPU of whatever make. There is none, so programs go on with the CPU."""

from __future__ import annotations

from functools import partial

from .base.absent import answering, refusing
from .base.errors import message


def missing() -> RuntimeError:
    return RuntimeError(
        message(
            "Cannot access accelerator device when none is available.",
            "chainrule computes on the CPU",
            'device = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else "cpu"',
        )
    )


is_available = answering("is_available", False, "Whether there is an accelerator: False.")
current_accelerator = answering("current_accelerator", None, "The device of the accelerator: None, as there is none.")
device_count = answering("device_count", 0, "How many accelerators there are: 0.")

refuse = partial(refusing, error=missing, doc="There is no accelerator: an error that says so.")
current_device_index = refuse("current_device_index")
current_device_idx = refuse("current_device_idx")
set_device_index = refuse("set_device_index")
set_device_idx = refuse("set_device_idx")
current_stream = refuse("current_stream")
set_stream = refuse("set_stream")
synchronize = refuse("synchronize")
empty_cache = refuse("empty_cache")
memory_allocated = refuse("memory_allocated")
max_memory_allocated = refuse("max_memory_allocated")
memory_reserved = refuse("memory_reserved")
max_memory_reserved = refuse("max_memory_reserved")
memory_stats = refuse("memory_stats")
reset_peak_memory_stats = refuse("reset_peak_memory_stats")
reset_accumulated_memory_stats = refuse("reset_accumulated_memory_stats")
