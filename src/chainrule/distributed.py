"""``torch.distributed``: one process, so programs that ask find out that there are no others."""

from __future__ import annotations

from enum import Enum
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
all_gather_object, all_gather_into_tensor = refuse("all_gather_object"), refuse("all_gather_into_tensor")
all_to_all, broadcast_object_list = refuse("all_to_all"), refuse("broadcast_object_list")
gather, gather_object, get_backend = refuse("gather"), refuse("gather_object"), refuse("get_backend")
scatter, scatter_object_list = refuse("scatter"), refuse("scatter_object_list")
reduce_scatter, monitored_barrier = refuse("reduce_scatter"), refuse("monitored_barrier")
send, recv, isend, irecv = refuse("send"), refuse("recv"), refuse("isend"), refuse("irecv")
init_device_mesh = refuse("init_device_mesh")
is_ucc_available = answering("is_ucc_available", False, "Whether UCC is there: False.")
is_xccl_available = answering("is_xccl_available", False, "Whether XCCL is there: False.")
is_backend_available = answering("is_backend_available", False, "Whether a way to communicate is there: none is.")
is_torchelastic_launched = answering("is_torchelastic_launched", False, "Whether torchrun started this: it did not.")


class ReduceOp(Enum):
    """How the tensors of several processes would be combined into one."""

    SUM, AVG, PRODUCT, MIN, MAX, BAND, BOR, BXOR = range(8)
