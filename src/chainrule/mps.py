"""``torch.mps``: Apple's GPUs, of which there are none here."""

from __future__ import annotations

from functools import partial

from .base.absent import answering, refusing


def missing() -> RuntimeError:
    return RuntimeError("There is no MPS device: chainrule computes on the CPU")


is_available = answering("is_available", False, "Whether there is one: False.")
device_count = answering("device_count", 0, "How many there are: 0.")
manual_seed = answering("manual_seed", None, "Seed its stream of random numbers: there is none.")
seed = answering("seed", None, "Seed its stream from the system: there is none.")

refuse = partial(refusing, error=missing, doc="There is no such device: an error that says so.")
synchronize = refuse("synchronize")
empty_cache = refuse("empty_cache")
get_rng_state = refuse("get_rng_state")
set_rng_state = refuse("set_rng_state")
current_allocated_memory = refuse("current_allocated_memory")
driver_allocated_memory = refuse("driver_allocated_memory")
set_per_process_memory_fraction = refuse("set_per_process_memory_fraction")
