"""``torch.distributed``: one process, so programs that ask find out that there are no others."""

from __future__ import annotations

from functools import partial

from .base.absent import answering, refusing
from .base.errors import message


def missing() -> RuntimeError:
    return RuntimeError(
        message(
            "Distributed package doesn't have any backend built in",
            "chainrule computes in one process",
            "guard it: if torch.distributed.is_available(): …",
        )
    )


is_available = answering("is_available", False, "Whether processes can compute together: False.")
is_initialized = answering("is_initialized", False, "Whether they do: False.")
is_nccl_available = answering("is_nccl_available", False, "Whether NCCL is there: False.")
is_gloo_available = answering("is_gloo_available", False, "Whether Gloo is there: False.")
is_mpi_available = answering("is_mpi_available", False, "Whether MPI is there: False.")

refuse = partial(refusing, error=missing, doc="There is one process: an error that says so.")
init_process_group = refuse("init_process_group")
destroy_process_group = refuse("destroy_process_group")
get_rank = refuse("get_rank")
get_world_size = refuse("get_world_size")
barrier = refuse("barrier")
all_reduce = refuse("all_reduce")
all_gather = refuse("all_gather")
broadcast = refuse("broadcast")
reduce = refuse("reduce")
new_group = refuse("new_group")
