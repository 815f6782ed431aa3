"""``torch._dynamo``: the part of PyTorch's compiler that reads Python. Functions are run as they are here; see `compiler`."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

from .base.absent import refusing
from .base.errors import message
from .compiler import allow_in_graph as allow_in_graph
from .compiler import disable as disable
from .compiler import is_compiling as is_compiling
from .compiler import list_backends as list_backends
from .compiler import reset as reset

# Switches of the compiler: they hold what they are set to, and there is nothing that minds them.
config = SimpleNamespace(
    suppress_errors=False, verbose=False, cache_size_limit=8, recompile_limit=8, accumulated_cache_size_limit=256,
    dynamic_shapes=True, assume_static_by_default=True, automatic_dynamic_shapes=True, capture_scalar_outputs=False,
    optimize_ddp=True,
)  # fmt: skip


def missing() -> NotImplementedError:
    return NotImplementedError(
        message(
            "torch._dynamo compiles nothing here",
            "functions run as the Python they are, so there are no graphs and no breaks between them to tell of",
            "call the function itself",
        )
    )


refuse = partial(refusing, error=missing, doc="There are no compiled graphs: an error that says so.")
explain, export, optimize = refuse("explain"), refuse("export"), refuse("optimize")


def graph_break(msg: str = "") -> None:
    """Divides a compiled function in two: there is none."""


def __getattr__(name: str) -> Any:
    """``OptimizedModule``, here and in ``eval_frame``: what programs ask ``isinstance`` for."""
    if name not in ("OptimizedModule", "eval_frame"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .compiler.modules import OptimizedModule

    return OptimizedModule if name == "OptimizedModule" else SimpleNamespace(OptimizedModule=OptimizedModule)
