"""``torch.compile`` and ``torch.compiler``: the function as it is, run eagerly.

PyTorch documents `compile` as an optimization that leaves results alone, so a program that calls it computes the same
with or without. Here it returns the function (or module) unchanged: nothing is traced, no first call is slow, and the
options, which choose among PyTorch's compilers, have nothing to choose.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ..base.errors import message

MODES = (None, "default", "reduce-overhead", "max-autotune", "max-autotune-no-cudagraphs")


def compile(
    model: Callable[..., Any] | None = None,
    *,
    fullgraph: bool = False,
    dynamic: bool | None = None,
    backend: Any = "inductor",
    mode: str | None = None,
    options: dict[str, Any] | None = None,
    disable: bool = False,
) -> Any:
    """``model`` itself; without it, a decorator that returns what it decorates.

    >>> @torch.compile
    ... def f(x):
    ...     return x.sin() + 1
    >>> f(torch.zeros(2))
    tensor([1., 1.])
    """
    if mode not in MODES:
        raise RuntimeError(f"Unrecognized mode={mode}, should be one of: {', '.join(str(m) for m in MODES[1:])}")
    if mode is not None and options is not None:
        raise RuntimeError(
            "Either mode or options can be specified, but both can't be specified at the same time."
        )
    if model is None:
        return partial(compile, fullgraph=fullgraph, dynamic=dynamic, backend=backend, mode=mode, options=options)
    if not callable(model):
        raise RuntimeError(
            message(
                "torch.compile requires a callable",
                f"it was given {model!r}",
                "torch.compile(function), or torch.compile(model)",
            )
        )
    return model


def disable(fn: Any = None, recursive: bool = True, *, reason: str | None = None) -> Any:
    """``fn`` itself, which is not compiled; without it, a decorator."""
    return partial(disable, recursive=recursive, reason=reason) if fn is None else fn


def allow_in_graph(fn: Any) -> Any:
    """``fn`` itself."""
    return fn


assume_constant_result = allow_in_graph


def is_compiling() -> bool:
    """Whether the code is being compiled: it never is."""
    return False


is_dynamo_compiling = is_exporting = is_compiling


def reset() -> None:
    """Forget what has been compiled: nothing has."""


def cudagraph_mark_step_begin() -> None:
    """Marks a step for a GPU: there is none."""


def list_backends(exclude_tags: Any = ()) -> list[str]:
    """The compilers there are to choose from: eager execution."""
    return ["eager"]
