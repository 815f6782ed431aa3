"""``torch.cpu``: the one device there is, with the questions that programs ask of any."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .base.absent import answering

is_available = answering("is_available", True, "Whether there is a CPU: True.")
is_initialized = answering("is_initialized", True, "Whether it is ready: True.")
device_count = answering("device_count", 1, "How many CPUs there are to choose from: 1.")
current_device = answering("current_device", "cpu", "The name of the device: 'cpu'.")
synchronize = answering("synchronize", None, "Wait until all is computed: it is, as soon as a function returns.")
set_device = answering("set_device", None, "Choose the CPU: there is one.")
current_stream = answering("current_stream", None, "The queue that work goes to: there is none.")


@contextmanager
def stream(stream: Any) -> Iterator[None]:
    """``with torch.cpu.stream(s): …`` changes nothing."""
    yield
