"""``torch.save``: objects into a file that PyTorch reads too."""

from __future__ import annotations

import io
import os
import pickle
from collections import OrderedDict
from typing import IO, Any

import numpy as np

from ..base import dtypes
from ..base import layout as layouts
from ..base.device import device
from ..base.errors import message
from ..formats.atomic import replacing
from ..formats.pickling import Named, NamingPickler, Outside, Way
from ..formats.torch_archive import write_archive, write_stream
from ..graph.value import Value
from ..nn.parameter import Buffer, Parameter
from ..ops.kernels import memory
from ..tensors.size import Size
from ..tensors.storage import ENGINE, UntypedStorage
from ..tensors.tensor import Tensor
from ..tensors.typed_storage import NAMES, TypedStorage

KIND_OF = {dtype: Named(f"torch.{name}Storage") for name, dtype in NAMES.items()}
UNTYPED = Named("torch.storage.UntypedStorage")
CLASSES: dict[Any, Named] = {Tensor: Named("torch.Tensor"), Parameter: Named("torch.nn.parameter.Parameter")}
TENSOR, TENSOR_OF_DTYPE = Named("torch._utils._rebuild_tensor_v2"), Named("torch._utils._rebuild_tensor_v3")
PARAMETER = Named("torch._utils._rebuild_parameter")
PARAMETER_WITH_STATE = Named("torch._utils._rebuild_parameter_with_state")
OF_TYPE = Named("torch._tensor._rebuild_from_type_v2")


def save(
    obj: Any,
    f: Any,
    pickle_module: Any = pickle,
    pickle_protocol: int = 2,
    _use_new_zipfile_serialization: bool = True,
) -> None:
    """Write tensors, and Python objects that hold them, to a path or file object.

    Tensors that share memory share it again when they are loaded. A path gets its new content in one step, when all of it
    has been written: whatever goes wrong before, the file that was there is there still.

    Args:
        obj: a ``state_dict``, a tensor, containers of them, a module …
        f: a path, or a file object that can be written to.
        pickle_protocol: of the pickle inside, 2 or higher.
        _use_new_zipfile_serialization: False writes the format from before PyTorch 1.6.

    >>> import io
    >>> model, file = nn.Linear(2, 1), io.BytesIO()
    >>> torch.save(model.state_dict(), file)
    >>> _ = file.seek(0)
    >>> torch.load(file).keys()
    odict_keys(['weight', 'bias'])
    """
    if pickle_module is not pickle or not 2 <= pickle_protocol <= pickle.HIGHEST_PROTOCOL:
        raise ValueError(
            message(
                f"cannot save with pickle_module={getattr(pickle_module, '__name__', pickle_module)!r} and protocol "
                f"{pickle_protocol}",
                f"files are written by Python's pickle, in protocols 2 to {pickle.HIGHEST_PROTOCOL}",
                "torch.save(obj, f)",
            )
        )
    pickled = Pickled(obj, pickle_protocol, typed_key=not _use_new_zipfile_serialization)
    if not isinstance(f, (str, os.PathLike)):
        if not hasattr(f, "write"):
            raise AttributeError("expected 'f' to be string, path, or a file-like object with a 'write' attribute")
        pickled.write(f, "archive", _use_new_zipfile_serialization)
        return
    path = os.fspath(f)
    parent = os.path.dirname(path)
    if parent and not os.path.isdir(parent):
        raise RuntimeError(
            message(
                f"Parent directory {parent} does not exist.",
                instead=f"os.makedirs({parent!r}, exist_ok=True)",
            )
        )
    stem = os.path.splitext(os.path.basename(path))[0]
    with replacing(path) as file:
        pickled.write(file, stem or "archive", _use_new_zipfile_serialization)


class Pickled:
    """An object as a pickle, and the storages it names."""

    def __init__(self, obj: Any, protocol: int, typed_key: bool) -> None:
        self.protocol, self.old = protocol, typed_key
        self.keys: dict[int, str] = {}  # by the id of the array that owns the memory
        self.owners: list[np.ndarray] = []  # keeps those ids taken
        self.dtype_of: dict[str, dtypes.dtype | None] = {}
        self.storages: dict[str, np.ndarray] = {}
        self.sizes: dict[str, int] = {}
        file = io.BytesIO()
        NamingPickler(file, protocol, self.reducing).dump(obj)
        self.pickle = file.getvalue()

    def write(self, file: IO[bytes], folder: str, as_zip: bool) -> None:
        if as_zip:
            write_archive(file, folder, self.pickle, self.storages)
        else:
            write_stream(file, self.protocol, self.pickle, self.storages, self.sizes)

    # ------------------------------------------------------------------ how PyTorch spells things

    def reducing(self, x: Any) -> Way | None:
        if isinstance(x, Value):
            return self.tensor(x)
        kind = type(x)
        if kind is dtypes.dtype:
            return Named(f"torch.{x.name}")
        if kind is Size:
            return Named("torch.Size"), (tuple(x),)
        if kind is device:
            return Named("torch.device"), (x.type,) if x.index is None else (x.type, x.index)
        if kind is layouts.layout:
            return Named("torch.serialization._get_layout"), (str(x),)
        if kind is UntypedStorage:
            return self.storage(x.bytes, None)
        if kind is TypedStorage:
            return self.storage(x.array, x.dtype)
        if isinstance(x, type):
            return CLASSES.get(x)
        return None

    def tensor(self, x: Any) -> tuple[Named, tuple[Any, ...]]:
        """How to rebuild a tensor: from its storage, with offset, sizes and strides."""
        own = {name: value for name, value in vars(x).items() if name not in ENGINE}
        if isinstance(x, Parameter):
            data = x.detach()
            if own:
                return PARAMETER_WITH_STATE, (data, x.requires_grad, OrderedDict(), own)
            return PARAMETER, (data, x.requires_grad, OrderedDict())
        name, arguments = self.entries(x)
        if type(x) is Buffer or (type(x) is Tensor and not own):
            return name, arguments
        return OF_TYPE, (name, type(x), arguments, own)

    def entries(self, x: Any) -> tuple[Named, tuple[Any, ...]]:
        array, vector, offset = whole_memory(x.array)
        dtype = dtypes.of(array)
        steps = tuple([s // array.itemsize for s in array.strides])
        place = self.storage(vector, dtype)
        described: tuple[Any, ...] = (place, offset, tuple(array.shape), steps, x.requires_grad, OrderedDict())
        return (TENSOR, described) if dtype in KIND_OF else (TENSOR_OF_DTYPE, (*described, dtype))

    def storage(self, vector: np.ndarray, dtype: dtypes.dtype | None) -> Outside:
        """The storage that is this memory, written once however many tensors look into it."""
        owner = memory.owner(vector)
        key = self.keys.setdefault(id(owner), str(len(self.keys)))
        if key not in self.storages:
            self.owners.append(owner)
            self.storages[key], self.sizes[key], self.dtype_of[key] = vector.view(np.uint8), vector.size, dtype
        elif self.dtype_of[key] is not dtype and self.dtype_of[key] is not None and dtype is not None:
            raise RuntimeError(
                message(
                    "Cannot save multiple tensors or storages that view the same data as different types",
                    f"the same memory is used as {self.dtype_of[key]} and as {dtype}",
                    "x.clone() for one of them",
                )
            )
        kind = UNTYPED if dtype is None else KIND_OF.get(dtype, UNTYPED)
        if kind is UNTYPED and self.old:
            raise RuntimeError(
                message(
                    f"the format from before PyTorch 1.6 has no storages of {dtype or 'bytes'}",
                    instead="torch.save(obj, f), which writes the present one",
                )
            )
        identity = ("storage", kind, key, "cpu", vector.nbytes if kind is UNTYPED else vector.size)
        return Outside((*identity, None) if self.old else identity)


def whole_memory(array: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """An array, all the memory that it looks into as a vector of its dtype, and how far into it the array begins.

    What PyTorch has no words for (steps backwards, foreign byte order, memory that is no whole number of entries) is copied.
    """
    if array.dtype.isnative and memory.owner(array).nbytes % array.itemsize == 0 and min(array.strides, default=0) >= 0:
        vector = memory.own_memory(array)
        if np.may_share_memory(vector, array):
            return array, vector, memory.offset(array)
    copy = array.astype(array.dtype.newbyteorder("="), order="C", copy=True)
    return copy, copy.reshape(-1), 0
