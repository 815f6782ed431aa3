"""Weights in the safetensors format: names ↔ arrays, with text notes beside them.

The file is the format that the ``safetensors`` package defines (https://huggingface.co/docs/safetensors): eight bytes
that say how long the header is, the header as JSON, then the bytes of every array in C order. Loading one runs no
code, whoever wrote it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from chainrule.base.errors import message
from chainrule.formats.atomic import write_atomically

# The header's spelling of a dtype, and NumPy's. bfloat16 is no dtype of NumPy's own: it comes from ml_dtypes.
DTYPES = {
    "BOOL": "bool",
    "U8": "uint8", "U16": "uint16", "U32": "uint32", "U64": "uint64",
    "I8": "int8", "I16": "int16", "I32": "int32", "I64": "int64",
    "F16": "float16", "BF16": "bfloat16", "F32": "float32", "F64": "float64",
}  # fmt: skip


def save(path: str | os.PathLike[str], tensors: Mapping[str, Any], notes: Mapping[str, str] | None = None) -> None:
    """Write ``{name: tensor or array}`` to ``path`` in one step: a failure leaves what stood there before.

    Args:
        path: where to write.
        tensors: a ``state_dict``, or any mapping of names to arrays, of any shape and memory layout.
        notes: text kept in the header, read back by :func:`read_notes`.

    Raises:
        TypeError: an array has a dtype the format does not know.
    """
    arrays = {name: _plain(name, value) for name, value in tensors.items()}
    content = _library().numpy.save(arrays, metadata=dict(notes) if notes else None)
    write_atomically(path, content)


def load(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """Read the arrays of a safetensors file, in the file's order of names; they may be written to.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is not in this format, or was cut off.
    """
    content = Path(path).read_bytes()
    library = _library()
    try:
        entries = library.deserialize(content)
    except library.SafetensorError as error:
        raise ValueError(_unreadable(path, len(content), str(error))) from error
    return {name: _array(path, name, entry) for name, entry in entries}


def read_notes(path: str | os.PathLike[str]) -> dict[str, str]:
    """The text notes in a file's header; the arrays are not read.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is not in this format, or was cut off.
    """
    with Path(path).open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        size = os.fstat(file.fileno()).st_size
        try:
            if length > size:
                raise ValueError(f"its header would be {length} bytes long")
            header = json.loads(file.read(length))
        except ValueError as error:
            raise ValueError(_unreadable(path, size, str(error))) from error
    return dict(header.get("__metadata__", {}))


def _plain(name: str, value: Any) -> np.ndarray:
    """The values in C order: the format's NumPy binding stores the memory as it lies, whatever the strides say."""
    array = np.asarray(value.detach().numpy() if hasattr(value, "detach") else value)
    if array.dtype.name not in DTYPES.values():
        raise TypeError(
            message(
                f"cannot save {name!r}: its dtype is {array.dtype}",
                f"safetensors holds {', '.join(DTYPES.values())}",
                f"{name!r}: array.astype('float32')",
            )
        )
    return np.array(array, order="C", copy=None)


def _array(path: str | os.PathLike[str], name: str, entry: Mapping[str, Any]) -> np.ndarray:
    spelling = DTYPES.get(entry["dtype"])
    if spelling is None:
        raise ValueError(f"{os.fspath(path)}: {name!r} is stored as {entry['dtype']}, which has no dtype here")
    if spelling == "bfloat16":
        import ml_dtypes

        dtype = np.dtype(ml_dtypes.bfloat16)
    else:
        dtype = np.dtype(spelling)
    return np.frombuffer(bytearray(entry["data"]), dtype=dtype).reshape(entry["shape"])


def _unreadable(path: str | os.PathLike[str], size: int, reason: str) -> str:
    return message(
        f"{os.fspath(path)} is not a complete safetensors file",
        f"{reason} ({size} bytes were found)",
        "the file that was saved, copied whole",
    )


def _library() -> ModuleType:
    try:
        import safetensors
        import safetensors.numpy
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            message(
                "reading and writing weights needs the package safetensors",
                "it is not installed",
                'pip install "chainrule[train]"',
            ),
            name=error.name,
        ) from error
    return safetensors
