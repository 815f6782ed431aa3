"""``torch.load``: the objects in a file, with no code of the file's ever run."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from functools import partial
from pickle import UnpicklingError
from typing import IO, Any

import numpy as np

from ..base import device as devices
from ..base import dtypes
from ..base.errors import message
from ..formats.torch_archive import Archive, Stream, is_zip
from ..formats.unpickling import FAILED, Machine
from ..tensors.storage import UntypedStorage
from ..tensors.typed_storage import TypedStorage
from .names import resolve


def load(
    f: Any,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
    encoding: str = "utf-8",
) -> Any:
    """Read what `save`, or PyTorch's, wrote to a path or file object.

    Args:
        f: a path, or a file object that can be read and sought in.
        map_location: for tensors that were on another device: ``"cpu"``, a device, a dict of locations, or a function of
            the storage and its location.
        weights_only: with False, modules of this program and plain Python objects are read too. No code of the file's is
            run in either case, and the objects of other libraries are refused by name.
        mmap: leave the numbers in the file until they are used.
        encoding: of strings in files that Python 2 wrote.

    Raises:
        pickle.UnpicklingError: the file asks for something that may not be in it, or is no file of ``torch.save``.
        RuntimeError: the file is damaged, or its tensors are for a device that is not here.

    >>> import io
    >>> file = io.BytesIO()
    >>> torch.save({"w": torch.ones(2), "epoch": 3}, file)
    >>> _ = file.seek(0)
    >>> torch.load(file)
    {'w': tensor([1., 1.]), 'epoch': 3}
    """
    if pickle_module is not None:
        check_module(pickle_module, weights_only)
        weights_only = bool(weights_only)
    if weights_only is None:
        weights_only = True
    if mmap and not isinstance(f, (str, os.PathLike)):
        raise ValueError("f must be a file path in order to use the mmap argument")
    place = located(map_location)
    find = partial(resolve, weights_only=weights_only)
    if isinstance(f, (str, os.PathLike)):
        with open(f, "rb") as file:
            return read(file, os.fspath(f), find, place, bool(mmap), encoding)
    if not (hasattr(f, "read") and hasattr(f, "seek")):
        raise AttributeError(
            message(
                f"{type(f).__name__!r} object has no attribute 'seek'. You can only torch.load from a file that is seekable",
                instead="torch.load(io.BytesIO(stream.read()))",
            )
        )
    return read(f, None, find, place, False, encoding)


def check_module(pickle_module: Any, weights_only: bool | None) -> None:
    if weights_only:
        raise RuntimeError("Can not safely load weights when explicit pickle_module is specified")
    if pickle_module is not pickle:
        raise ValueError(
            message(
                f"cannot load with pickle_module={getattr(pickle_module, '__name__', pickle_module)!r}",
                "files are read by chainrule's own reader, which runs nothing from them",
                "torch.load(f, weights_only=False)",
            )
        )


def read(file: IO[bytes], path: str | None, find: Any, place: Any, mmap: bool, encoding: str) -> Any:
    begins = file.tell()
    start = file.read(4)
    file.seek(begins)
    if not start:
        raise EOFError(message("Ran out of input", f"{path or 'the given file'} is empty", "the file that was saved"))
    if is_zip(start):
        archive = Archive(file, path, mmap)
        storages = Storages(place, archive.big_endian, lambda key, count, itemsize: archive.read(key))
        return Machine(archive.pickle, find, storages, encoding=encoding).run()
    stream = Stream(file.read(), path)
    storages = Storages(place, False, stream.reserve)
    machine = Machine(stream.data, find, storages, start=stream.at, encoding=encoding)
    result = machine.run()
    stream.fill(machine.end)
    file.seek(begins + stream.at)
    return result


class Storages:
    """Gives the storages that a pickle names, each once."""

    def __init__(self, place: Any, big_endian: bool, bytes_of: Callable[[str, int, int], np.ndarray]) -> None:
        self.place, self.foreign, self.bytes_of = place, big_endian is np.little_endian, bytes_of
        self.found: dict[str, UntypedStorage] = {}

    def __call__(self, pid: Any) -> Any:
        """The storage for ``("storage", kind, key, location, number of entries)``."""
        if type(pid) is not tuple or len(pid) not in (5, 6) or pid[0] != "storage":
            raise UnpicklingError(f"{FAILED} {pid!r:.80} names no storage")
        kind, key, location, count = pid[1:5]
        if len(pid) == 6 and pid[5] is not None:
            return self.part(self((*pid[:5], None)), pid[5])
        typed = isinstance(kind, type) and issubclass(kind, TypedStorage) and kind.dtype_of_kind
        if not (typed or kind is UntypedStorage) or type(key) is not str or type(count) is not int or count < 0:
            raise UnpicklingError(f"{FAILED} There is no storage {key!r} of kind {kind!r} with {count!r} entries")
        if key not in self.found:
            self.found[key] = self.make(key, location, count, typed or None)
        storage = self.found[key]
        if storage.nbytes() != count * (typed.itemsize if typed else 1):
            raise UnpicklingError(f"{FAILED} Storage {key} has {storage.nbytes()} bytes, which are not {count} entries")
        return TypedStorage(storage.bytes.view(typed.numpy)) if typed else storage

    def make(self, key: str, location: Any, count: int, dtype: dtypes.dtype | None) -> UntypedStorage:
        itemsize = dtype.itemsize if dtype else 1
        content = self.bytes_of(key, count, itemsize)
        if content.size != count * itemsize:
            raise RuntimeError(
                message(
                    f"storage has wrong byte size: expected {count * itemsize} got {content.size}",
                    f"the pickle says that storage {key} has {count} entries of {itemsize} bytes",
                    "the file that was saved, copied whole",
                )
            )
        if self.foreign:
            if dtype is None:
                raise RuntimeError("a storage without a dtype, written on a machine of the other byte order, cannot be read")
            swap(content.view(dtype.numpy))
        return self.place(UntypedStorage(content), location)

    def part(self, whole: Any, view: Any) -> Any:
        """A view of a storage, as files from before PyTorch 0.4 have them: (key, offset, size)."""
        if not isinstance(whole, TypedStorage) or type(view) is not tuple or [type(v) for v in view[1:]] != [int, int]:
            raise UnpicklingError(f"{FAILED} {view!r:.80} is no part of a storage")
        _, offset, size = view
        return TypedStorage(whole.array[offset : offset + size])


def swap(x: np.ndarray) -> None:
    """Turn the bytes of each number round, in place."""
    width = x.itemsize // 2 if x.dtype.kind == "c" else x.itemsize
    parts = x.view(f"u{width}") if width in (2, 4, 8) else x
    if width > 1:
        parts.byteswap(inplace=True)


# ---------------------------------------------------------------------- devices


def located(map_location: Any) -> Callable[[UntypedStorage, str], UntypedStorage]:
    """How a storage that was saved on some device gets to one that is here."""
    if map_location is None:
        return lambda storage, location: here(storage, location)
    if isinstance(map_location, dict):
        return lambda storage, location: here(storage, map_location.get(location, location))
    if isinstance(map_location, (str, devices.device)):
        return lambda storage, location: here(storage, map_location)
    if callable(map_location):

        def called(storage: UntypedStorage, location: str) -> UntypedStorage:
            given = map_location(storage, location)
            return here(storage, location) if given is None else given

        return called
    raise TypeError(
        message(
            f"map_location is a device, a string, a dict or a function, not {map_location!r}",
            instead='torch.load(f, map_location="cpu")',
        )
    )


def here(storage: UntypedStorage, location: Any) -> UntypedStorage:
    """The storage, if its location is the CPU."""
    where = str(location)
    kind = where.partition(":")[0]
    if kind in ("cpu", "meta"):
        return storage
    advice = "torch.load(f, map_location=torch.device('cpu'))"
    if kind in ("cuda", "hpu", "mps", "xpu"):
        name = kind.upper()
        raise RuntimeError(
            message(
                f"Attempting to deserialize object on a {name} device but torch.{kind}.is_available() is False. If you are "
                "running on a CPU-only machine, please use torch.load with map_location=torch.device('cpu') to map your "
                "storages to the CPU.",
                "chainrule computes on the CPU",
                advice,
            )
        )
    raise RuntimeError(
        message(f"don't know how to restore data location of torch.storage.UntypedStorage (tagged with {where})", instead=advice)
    )
