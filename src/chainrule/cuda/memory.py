"""``torch.cuda.memory``: what there is to say of a GPU's memory where there is none."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial

from ..base import absent

answer = absent.answering
memory_allocated = answer("memory_allocated", 0, "Bytes of tensors on the GPU: 0.")
max_memory_allocated = answer("max_memory_allocated", 0, "The most bytes of tensors there have been on the GPU: 0.")
memory_reserved = answer("memory_reserved", 0, "Bytes held on the GPU: 0.")
max_memory_reserved = answer("max_memory_reserved", 0, "The most bytes there have been held on the GPU: 0.")
memory_cached = answer("memory_cached", 0, "The former name of `memory_reserved`.")
max_memory_cached = answer("max_memory_cached", 0, "The former name of `max_memory_reserved`.")
memory_stats = answer("memory_stats", OrderedDict, "Counts about the GPU's memory: none.")
empty_cache = answer("empty_cache", None, "Give memory that is held on the GPU and not used back: there is none.")

refuse = partial(absent.refusing, error=absent.no_cuda, doc="There is no GPU: an error that says so.")
list_gpu_processes = refuse("list_gpu_processes")
mem_get_info = refuse("mem_get_info")
memory_snapshot = refuse("memory_snapshot")
memory_summary = refuse("memory_summary")
reset_accumulated_memory_stats = refuse("reset_accumulated_memory_stats")
reset_max_memory_allocated = refuse("reset_max_memory_allocated")
reset_max_memory_cached = refuse("reset_max_memory_cached")
reset_peak_memory_stats = refuse("reset_peak_memory_stats")
set_per_process_memory_fraction = refuse("set_per_process_memory_fraction")
_record_memory_history, _snapshot = refuse("_record_memory_history"), refuse("_snapshot")
_dump_snapshot = refuse("_dump_snapshot")
