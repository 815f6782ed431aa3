"""Arrays of bytes out of pickles, without running anything that the file asks for.

CIFAR's files were pickled by Python 2: dictionaries of bytes, numbers, and one NumPy array of bytes each. A few names are
all that such files need; any other is refused (`formats.unpickling`).
"""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np

from ...base.errors import message
from ...formats.unpickling import FAILED, Known, Machine


def empty_array(kind: Any, shape: Any, code: Any) -> np.ndarray:
    return np.empty((0,), np.uint8)


def fill_array(array: np.ndarray, state: Any) -> None:
    """The state of an array: (version, shape, dtype, order, content)."""
    _, shape, dtype, columns_first, content = state
    if dtype != np.uint8 or columns_first or not isinstance(content, (bytes, str)):
        raise TypeError("an array that holds more than bytes")
    numbers = np.frombuffer(content.encode("latin1") if isinstance(content, str) else content, np.uint8)
    array.resize(shape, refcheck=False)
    array[...] = numbers.reshape(shape)


def from_buffer(content: Any, dtype: Any, shape: Any, order: Any, axes: Any = None) -> np.ndarray:
    """What pickles of protocol 5 ask for instead of the two above."""
    if dtype != np.uint8 or order != "C" or not isinstance(content, (bytes, bytearray)):
        raise TypeError("an array that holds more than bytes")
    return np.frombuffer(content, np.uint8).reshape(shape)


def byte_dtype(text: str, align: Any = False, copy: Any = True) -> np.dtype:
    if text not in ("u1", "|u1"):
        raise TypeError(f"an array of dtype {text}, where bytes (u1) are known")
    return np.dtype(np.uint8, copy=True)  # type: ignore[call-overload]


def encode(text: str, encoding: str = "latin1") -> bytes:
    if encoding not in ("latin1", "latin-1"):
        raise ValueError(f"bytes are spelled in latin1, not in {encoding}")
    return text.encode("latin1")


NAMES = {
    "numpy.ndarray": Known(np.ndarray),
    "numpy.dtype": Known(np.dtype, call=byte_dtype, build=lambda dtype, state: None),
    "_codecs.encode": Known(encode, call=encode),
    **{
        f"numpy.{core}.multiarray._reconstruct": Known(empty_array, call=empty_array, build=fill_array)
        for core in ("core", "_core")
    },
    **{f"numpy.{core}.numeric._frombuffer": Known(from_buffer, call=from_buffer) for core in ("core", "_core")},
}


def read_pickled(path: Path) -> dict[str, Any]:
    """The dictionary in a file, its keys as text."""
    try:
        found = Machine(path.read_bytes(), NAMES.get, encoding="latin1").run()
    except UnpicklingError as error:
        what, *why = str(error).removeprefix(FAILED).strip().splitlines()
        reason = why[0].removeprefix("  why: ") if "damaged" in what else what
        raise RuntimeError(
            message(
                f"{path} is no file of this dataset, or damaged",
                reason,
                "delete it, and download it again",
            )
        ) from error
    if not isinstance(found, dict):
        raise RuntimeError(
            message(f"{path} is no file of this dataset", f"it holds a {type(found).__name__}, not a dictionary")
        )
    return {key.decode("latin1") if isinstance(key, bytes) else key: value for key, value in found.items()}
