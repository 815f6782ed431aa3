"""The dictionary of files: every name that ``torch.load`` knows, and what it stands for.

``TENSORS`` is what the file of a ``state_dict`` needs. ``PLAIN``, and the modules of the program itself, are there when
the program says ``weights_only=False``: whole models, and settings saved beside them. What is made from them is made empty
and filled with what the file holds; no function of the file's choice is called, whatever ``weights_only`` says.
"""

from __future__ import annotations

import argparse
import collections
import datetime
import pathlib
import sys
import types
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..base import dtypes
from ..base import layout as layouts
from ..base.device import device
from ..formats.unpickling import Known
from ..nn.hooks import Hooks
from ..nn.module import Module
from ..nn.parameter import Parameter
from ..tensors.size import Size
from ..tensors.storage import UntypedStorage
from ..tensors.tensor import Tensor
from ..tensors.typed_storage import KINDS, TypedStorage
from . import rebuilding as r
from .allowed import find


def function(call: Callable[..., Any], build: Callable[[Any, Any], None] | None = None) -> Known:
    return Known(call, call=call, build=build)


# ---------------------------------------------------------------------- what calls may do


def encode(text: str, encoding: str = "latin1") -> bytes:
    """Bytes, as pickles of protocol 2 spell them."""
    if encoding not in ("latin1", "latin-1"):
        raise ValueError(f"bytes are spelled in latin1, not in {encoding}")
    return text.encode("latin1")


def ordered(*pairs: Any) -> collections.OrderedDict[Any, Any]:
    return collections.OrderedDict(*pairs)


def note(target: Any, state: Any) -> None:
    """A ``state_dict`` has the versions of its modules as the attribute ``_metadata``."""
    if set(state) - {"_metadata"}:
        raise ValueError(f"an OrderedDict has no attributes {sorted(state)}")
    vars(target).update(state)


def of_type(kind: type, *arguments: Any) -> Callable[..., Any]:
    """``kind(…)``, with arguments of these types alone: ``bytearray(10**12)`` would ask for a terabyte."""

    def call(*given: Any) -> Any:
        if len(given) > len(arguments) or not all(isinstance(g, a) for g, a in zip(given, arguments)):
            raise TypeError(f"{kind.__name__} is not made from {given!r:.60}")
        return kind(*given)

    return call


def numpy_dtype(text: str, align: bool = False, copy: bool = True) -> np.dtype:
    found = np.dtype(text)
    if found.kind not in "biufcSUmM?":
        raise TypeError(f"an array of dtype {text} holds objects")
    return np.dtype(found, copy=True)


def order_bytes(dtype: np.dtype, state: Any) -> None:
    if state[1] not in ("<", ">", "|", "=") or any(part is not None for part in state[2:5]):
        raise TypeError("an array of this dtype holds more than numbers")
    dtype.__setstate__(state)  # type: ignore[attr-defined]


def fill_array(array: np.ndarray, state: Any) -> None:
    if not isinstance(state[2], np.dtype) or state[2].hasobject or not isinstance(state[4], bytes):
        raise TypeError("an array that holds more than numbers")
    array.__setstate__(state)


def numpy_scalar(dtype: np.dtype, content: bytes) -> Any:
    return np.frombuffer(content, dtype)[0]


def empty_array(kind: Any, shape: Any, code: Any) -> np.ndarray:
    return np.ndarray((0,), np.int8)


def fill_plain(target: Any, state: Any) -> None:
    """The attributes of an object, as a dictionary."""
    if type(state) is not dict or not all(type(name) is str for name in state):
        raise TypeError(f"attributes for a {type(target).__name__}")
    vars(target).update(state)


def path(*parts: str) -> pathlib.Path:
    return pathlib.Path(*parts)


def missing_factory(factory: Any = None) -> collections.defaultdict[Any, Any]:
    if factory is not None and factory not in (list, dict, set, int, float, str, tuple, bool):
        raise TypeError(f"a defaultdict that calls {factory!r}")
    return collections.defaultdict(factory)


# ---------------------------------------------------------------------- the names

TENSORS: dict[str, Known] = {
    "torch._utils._rebuild_tensor": function(r.rebuild_tensor),
    "torch._utils._rebuild_tensor_v2": function(r.rebuild_tensor_v2),
    "torch._utils._rebuild_tensor_v3": function(r.rebuild_tensor_v3),
    "torch._utils._rebuild_parameter": function(r.rebuild_parameter),
    "torch._utils._rebuild_parameter_with_state": function(r.rebuild_parameter_with_state),
    "torch._tensor._rebuild_from_type_v2": function(r.rebuild_from_type),
    "torch.Tensor": Known(Tensor),
    "torch.nn.parameter.Parameter": Known(Parameter),
    "torch.Size": Known(Size, call=of_type(Size, tuple)),
    "torch.device": Known(device, call=of_type(device, str, int)),
    "torch.serialization._get_layout": function(lambda name: layouts.by_name(name.removeprefix("torch."))),
    "torch.storage.UntypedStorage": Known(UntypedStorage),
    "torch.storage.TypedStorage": Known(TypedStorage),
    **{f"torch.{dtype.name}": Known(dtype) for dtype in dtypes.ALL},
    **{f"torch.{name}": Known(kind) for name, kind in KINDS.items()},
    **{f"torch.cuda.{name}": Known(kind) for name, kind in KINDS.items()},
    "collections.OrderedDict": Known(collections.OrderedDict, call=ordered, build=note),
    "collections.Counter": Known(collections.Counter, call=of_type(collections.Counter, dict)),
    "builtins.set": Known(set, call=of_type(set, list)),
    "builtins.frozenset": Known(frozenset, call=of_type(frozenset, list)),
    "builtins.complex": Known(complex, call=of_type(complex, float, float)),
    "builtins.bytearray": Known(bytearray, call=of_type(bytearray, bytes)),
    "builtins.bytes": Known(bytes, call=of_type(bytes)),
    "_codecs.encode": function(encode),
}  # fmt: skip

PLAIN: dict[str, Known] = {
    **{f"builtins.{kind.__name__}": Known(kind) for kind in (list, dict, tuple, int, float, str, bool)},
    "builtins.slice": Known(slice, call=slice),
    "builtins.range": Known(range, call=of_type(range, int, int, int)),
    "collections.defaultdict": Known(collections.defaultdict, call=missing_factory),
    "collections.deque": Known(collections.deque, call=of_type(collections.deque, (list, tuple), int)),
    "argparse.Namespace": Known(argparse.Namespace, make=argparse.Namespace, build=fill_plain),
    "types.SimpleNamespace": Known(types.SimpleNamespace, call=of_type(types.SimpleNamespace), build=fill_plain),
    **{f"{module}.{kind}Path": function(path) for module in ("pathlib", "pathlib._local") for kind in ("Posix", "Windows")},
    **{f"datetime.{kind.__name__}": Known(kind, call=kind) for kind in (datetime.date, datetime.timedelta)},
    "datetime.datetime": Known(datetime.datetime, call=of_type(datetime.datetime, bytes)),
    "numpy.ndarray": Known(np.ndarray),
    "numpy.dtype": Known(np.dtype, call=numpy_dtype, build=order_bytes),
    **{f"numpy.{core}.multiarray.scalar": function(numpy_scalar) for core in ("core", "_core")},
    **{f"numpy.{core}.multiarray._reconstruct": function(empty_array, fill_array) for core in ("core", "_core")},
}
PYTHON2 = {"__builtin__.xrange": "builtins.range"}  # and every other __builtin__: so do pickles of protocol 2 spell them


def resolve(full: str, weights_only: bool) -> Known | None:
    """What a name in a file stands for; None: it is refused."""
    if full.startswith("__builtin__."):
        full = PYTHON2.get(full, full.replace("__builtin__", "builtins"))
    if full in TENSORS:
        return TENSORS[full]
    own: Any = find(full)
    if own is not None:
        return Known(own, call=own, make=lambda *args, **named: own.__new__(own, *args, **named), build=fill_own)
    return None if weights_only else PLAIN.get(full) or of_the_program(full)


def fill_own(target: Any, state: Any) -> None:
    """Fill an instance of a class that the program allowed: as its ``__setstate__`` says, or its attributes."""
    if hasattr(target, "__setstate__"):
        target.__setstate__(state)
        return
    attributes, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
    vars(target).update(attributes or {})
    for name, value in (slots or {}).items():
        setattr(target, name, value)


def of_the_program(full: str) -> Known | None:
    """A class of modules that this program has defined or imported already, or one of chainrule's functions.

    Nothing is imported, so that a file cannot make the program import anything.
    """
    parts = full.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        module = sys.modules.get(".".join(parts[:cut]))
        if module is None:
            continue
        found: Any = module
        for part in parts[cut:]:
            found = vars(found).get(part) if hasattr(found, "__dict__") else None
        if isinstance(found, type) and issubclass(found, (Module, Hooks)):
            return Known(found, make=partial(object.__new__, found), build=fill_plain)
        mathematics = full.startswith(("chainrule.tensors.", "chainrule.nn.functional."))
        return Known(found) if mathematics and isinstance(found, types.FunctionType) else None
    return None
