"""``torch.xpu``: Intel's GPUs, of which there are none here."""

from __future__ import annotations

from functools import partial

from .base.absent import answering, refusing


def missing() -> RuntimeError:
    return RuntimeError("There is no XPU device: chainrule computes on the CPU")


is_available = answering("is_available", False, "Whether there is one: False.")
device_count = answering("device_count", 0, "How many there are: 0.")
manual_seed = answering("manual_seed", None, "Seed its stream of random numbers: there is none.")
seed = answering("seed", None, "Seed its stream from the system: there is none.")

refuse = partial(refusing, error=missing, doc="There is no such device: an error that says so.")
synchronize = refuse("synchronize")
empty_cache = refuse("empty_cache")
get_rng_state = refuse("get_rng_state")
set_rng_state = refuse("set_rng_state")
manual_seed_all = answering("manual_seed_all", None, "Seed the streams of all of them: there are none.")
is_bf16_supported = answering("is_bf16_supported", False, "Whether it computes in bfloat16: there is none.")
set_device = refuse("set_device")
current_device = refuse("current_device")
get_device_name = refuse("get_device_name")
memory_allocated = refuse("memory_allocated")
