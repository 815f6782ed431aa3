"""What a tensor here is: dense, on the CPU, its numbers as they are. The questions about other kinds, and the way to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from ..base import device as devices
from ..base import dtypes
from ..base.errors import message
from ..graph.promote import cast


def belongs_to(name: str, kind: str) -> Callable[..., NoReturn]:
    """A method of sparse tensors, which a dense one refuses."""

    def method(self: Any, *args: Any, **named: Any) -> NoReturn:
        raise RuntimeError(
            message(f"{name} expected {kind} layout but got Strided", "this tensor is dense: it holds all its entries", "x.to_sparse()")
        )

    method.__name__ = method.__qualname__ = name
    method.__doc__ = "Belongs to sparse tensors: an error that says so."
    return method


def not_here(name: str, why: str, instead: str) -> Callable[..., NoReturn]:
    """A method of a kind of tensor that there is none of."""

    def method(self: Any, *args: Any, **named: Any) -> NoReturn:
        raise NotImplementedError(message(f"Could not run 'aten::{name}' with arguments from the 'CPU' backend.", why, instead))

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"An error: {why}."
    return method


def on(kind: str) -> Callable[..., Any]:
    """The method that moves to a kind of device: the error that says it is not here."""

    def method(self: Any, device: Any = None, non_blocking: bool = False, memory_format: Any = None) -> Any:
        devices.check(kind if device is None else device)
        return self

    method.__name__ = method.__qualname__ = kind
    method.__doc__ = "There is no such device: an error that says so."
    return method


def to_dense(self: Any, dtype: Any = None, *, masked_grad: bool | None = None) -> Any:
    """The tensor, which is dense."""
    return self if dtype is None else cast(self, dtype)


def to_sparse(self: Any, *args: Any, **options: Any) -> Any:
    """The entries that are not zero, and where they are: a tensor of ``layout=torch.sparse_coo``."""
    from .sparse import from_dense

    return from_dense(self, *args, **options)


def to_compressed(self: Any, *args: Any, **options: Any) -> NoReturn:
    """Compressed sparse layouts are not available: an error that says so."""
    from .sparse import refuse_layout

    refuse_layout(None)


def module_load(self: Any, other: Any, assign: bool = False) -> Any:
    """What ``load_state_dict`` makes of this tensor and the one in the state: this one, holding the other's entries."""
    return other if assign else self.copy_(other).detach()


def as_subclass(self: Any, cls: type) -> Any:
    """The same entries and history in a tensor of a subclass."""
    from .tensor import Tensor

    if not (isinstance(cls, type) and issubclass(cls, Tensor)):
        raise TypeError(
            "Creating a Tensor subclass from a class that does not inherit from Tensor is not possible. "
            "Make sure your class inherits from Tensor."
        )
    made: Any = object.__new__(cls)
    made.array, made.version, made.node = self.array, self.version, self.node
    return made


SPARSE = {
    "indices": "sparse coordinate tensor", "values": "sparse tensor", "coalesce": "sparse coordinate tensor",
    "is_coalesced": "sparse coordinate tensor", "crow_indices": "sparse row compressed tensor",
    "col_indices": "sparse row compressed tensor", "ccol_indices": "sparse column compressed tensor",
    "row_indices": "sparse column compressed tensor", "_indices": "sparse coordinate tensor",
    "_values": "sparse coordinate tensor", "_nnz": "sparse coordinate tensor",
}  # fmt: skip
QUANTIZED = ("qscheme", "q_scale", "q_zero_point", "q_per_channel_axis", "q_per_channel_scales", "q_per_channel_zero_points",
             "int_repr")  # fmt: skip


class Kinds:
    """The attributes and methods that ask for the kind of a tensor."""

    is_cpu = True
    is_cuda = is_sparse = is_sparse_csr = is_quantized = is_meta = is_mkldnn = is_nested = False
    is_ipu = is_maia = is_mps = is_mtia = is_vulkan = is_xla = is_xpu = False

    to_dense, dequantize = to_dense, lambda self: self
    to_sparse = to_sparse_coo = to_sparse
    to_sparse_csr = to_sparse_csc = to_sparse_bsr = to_sparse_bsc = to_compressed
    module_load, as_subclass = module_load, as_subclass
    ipu, xpu, mtia = on("ipu"), on("xpu"), on("mtia")
    to_padded_tensor = not_here(
        "to_padded_tensor", "this tensor is not nested: its rows have one length", "torch.nn.utils.rnn.pad_sequence(list)"
    )
    record_stream = not_here("record_stream", "streams belong to a GPU, and there is none", "leave the line out")

    def dense_dim(self: Any) -> int:
        """How many axes are stored densely: all."""
        return self.array.ndim

    def sparse_dim(self: Any) -> int:
        """How many axes are stored sparsely: none."""
        return 0

    def is_distributed(self: Any) -> bool:
        """Whether the entries are spread over several processes: they are not."""
        return False

    @property
    def grad_dtype(self: Any) -> dtypes.dtype:
        """The dtype that its gradient has: its own."""
        return dtypes.of(self.array)


for _name, _kind in SPARSE.items():
    setattr(Kinds, _name, belongs_to(_name, _kind))
for _name in QUANTIZED:
    setattr(Kinds, _name, not_here(_name, "tensors are not quantized here", "keep the scale beside the numbers: q * scale"))
