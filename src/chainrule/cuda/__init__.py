"""``torch.cuda`` where there is no GPU: questions are answered, seeds accepted, and what needs a GPU is refused.

Everything behaves as in PyTorch's CPU build, so that ``if torch.cuda.is_available():`` and ``torch.cuda.manual_seed(0)``
in a program work as they do there.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from ..base import absent
from ..base import device as devices
from ..tensors.constructors import TypedConstructor
from . import amp as amp
from . import memory as memory
from . import nvtx as nvtx
from .memory import empty_cache as empty_cache
from .memory import list_gpu_processes as list_gpu_processes
from .memory import max_memory_allocated as max_memory_allocated
from .memory import max_memory_cached as max_memory_cached
from .memory import max_memory_reserved as max_memory_reserved
from .memory import mem_get_info as mem_get_info
from .memory import memory_allocated as memory_allocated
from .memory import memory_cached as memory_cached
from .memory import memory_reserved as memory_reserved
from .memory import memory_snapshot as memory_snapshot
from .memory import memory_stats as memory_stats
from .memory import memory_summary as memory_summary
from .memory import reset_accumulated_memory_stats as reset_accumulated_memory_stats
from .memory import reset_max_memory_allocated as reset_max_memory_allocated
from .memory import reset_max_memory_cached as reset_max_memory_cached
from .memory import reset_peak_memory_stats as reset_peak_memory_stats
from .memory import set_per_process_memory_fraction as set_per_process_memory_fraction

# ---------------------------------------------------------------------- answered

answer = absent.answering
is_available = answer("is_available", False, "Whether there is a GPU: False.")
is_initialized = answer("is_initialized", False, "Whether the GPU has been used: False.")
is_bf16_supported = answer("is_bf16_supported", False, "Whether the GPU computes in bfloat16: there is none.")
is_tf32_supported = answer("is_tf32_supported", False, "Whether the GPU computes in TF32: there is none.")
device_count = answer("device_count", 0, "How many GPUs there are: 0.")
get_rng_state_all = answer("get_rng_state_all", list, "The state of each GPU's stream of random numbers: of none.")
get_arch_list = answer("get_arch_list", list, "The kinds of GPU the library was built for: none.")
manual_seed = answer("manual_seed", None, "Seed the stream of the GPU: there is none.")
manual_seed_all = answer("manual_seed_all", None, "Seed the streams of all GPUs: there are none.")
seed = answer("seed", None, "Seed the stream of the GPU from the system: there is none.")
seed_all = answer("seed_all", None, "Seed the streams of all GPUs from the system: there are none.")
set_rng_state_all = answer("set_rng_state_all", None, "Set the stream of each GPU: there are none.")
set_stream = answer("set_stream", None, "Choose the queue that work for the GPU goes to: there is none.")

has_half = True
default_generators = ()

# ---------------------------------------------------------------------- refused

refuse = partial(absent.refusing, error=absent.no_cuda, doc="There is no GPU: an error that says so.")
can_device_access_peer = refuse("can_device_access_peer")
cudart = refuse("cudart")
current_blas_handle = refuse("current_blas_handle")
current_device = refuse("current_device")
current_stream = refuse("current_stream")
default_stream = refuse("default_stream")
get_device_capability = refuse("get_device_capability")
get_device_name = refuse("get_device_name")
get_device_properties = refuse("get_device_properties")
get_rng_state = refuse("get_rng_state")
get_sync_debug_mode = refuse("get_sync_debug_mode")
init = refuse("init")
initial_seed = refuse("initial_seed")
ipc_collect = refuse("ipc_collect")
set_rng_state = refuse("set_rng_state")
set_sync_debug_mode = refuse("set_sync_debug_mode")
synchronize = refuse("synchronize")
utilization = refuse("utilization")


def set_device(device: Any) -> None:
    """Choose the GPU that ``"cuda"`` means: an error, except for a negative number, which chooses none."""
    if isinstance(device, int) and device < 0:
        return
    if not isinstance(device, int) and (place := devices.device(device)).type != "cuda":
        raise ValueError(f"Expected a cuda device, but got: {place}")
    raise absent.no_cuda()


class device:  # noqa: N801  (torch's own spelling)
    """``with torch.cuda.device(0): …`` chooses a GPU for a while: an error, except for a negative number or None."""

    def __init__(self, device: Any) -> None:
        self.idx = -1 if device is None else device if isinstance(device, int) else devices.device(device).index or 0

    def __enter__(self) -> None:
        if self.idx >= 0:
            raise absent.no_cuda()

    def __exit__(self, *exc: Any) -> None:
        return None


class stream:  # noqa: N801
    """``with torch.cuda.stream(None): …`` changes nothing; there are no other queues."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exc: Any) -> None:
        return None


Event, Stream, CUDAGraph = [
    absent.absent_class(f"torch.cuda.{name}", absent.no_cuda, "Belongs to a GPU: making one is an error.")
    for name in ("Event", "Stream", "CUDAGraph")
]
StreamContext = stream


class OutOfMemoryError(RuntimeError):
    """The GPU's memory is full: never raised here, so that ``except torch.cuda.OutOfMemoryError`` can stay in a program."""


class CudaConstructor(TypedConstructor):
    """``torch.cuda.FloatTensor`` and its relatives: no tensor is one, and calling it is an error."""

    is_cuda = True

    def __init__(self, name: str) -> None:
        self.__name__ = name

    @property
    def legacy_dtype(self) -> Any:  # type: ignore[override]
        raise absent.no_cuda()

    dtype = legacy_dtype  # type: ignore[assignment]

    def __call__(self, *data: Any, device: Any = None) -> Any:
        raise TypeError(f"type torch.cuda.{self.__name__} not available. {absent.CUDA}.\n  instead: torch.{self.__name__}")

    def __instancecheck__(self, value: Any) -> bool:
        return False

    def __repr__(self) -> str:
        return f"<class 'torch.cuda.{self.__name__}'>"


FloatTensor, DoubleTensor, HalfTensor = map(CudaConstructor, ("FloatTensor", "DoubleTensor", "HalfTensor"))
BFloat16Tensor, BoolTensor, ByteTensor = map(CudaConstructor, ("BFloat16Tensor", "BoolTensor", "ByteTensor"))
CharTensor, ShortTensor, IntTensor, LongTensor = map(
    CudaConstructor, ("CharTensor", "ShortTensor", "IntTensor", "LongTensor")
)
