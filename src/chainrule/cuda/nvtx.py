"""``torch.cuda.nvtx``: marks for NVIDIA's profiler."""

from __future__ import annotations

from functools import partial

from ..base.absent import refusing
from ..base.errors import message


def missing() -> RuntimeError:
    return RuntimeError(
        message("NVTX functions not installed. Are you sure you have a CUDA build?", "chainrule computes on the CPU",
                "torch.profiler.record_function(name)")
    )  # fmt: skip


refuse = partial(refusing, error=missing, doc="There is no GPU: an error that says so.")
range_push, range_pop, mark, range = refuse("range_push"), refuse("range_pop"), refuse("mark"), refuse("range")
