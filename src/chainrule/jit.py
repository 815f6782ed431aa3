"""``torch.jit``: scripting and tracing give back what they are given, which runs as the Python it is.

PyTorch's ``script`` and ``trace`` translate a function into a program of their own so that it can be run without Python.
Here is no other way to run it; what a program does with the result (calling it, training it) does the same. Saving one as
a file is refused, since the file would have to hold the program.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any, TypeVar
from typing import Final as Final

from .base.absent import refusing
from .base.errors import message
from .nn.module import Module

F = TypeVar("F")


def script(obj: F, *args: Any, **named: Any) -> F:
    """``obj`` itself.

    >>> double = torch.jit.script(lambda x: 2 * x)
    >>> double(torch.ones(2))
    tensor([2., 2.])
    """
    return obj


def trace(func: F, example_inputs: Any = None, *args: Any, **named: Any) -> F:
    """``func`` itself."""
    return func


def trace_module(mod: F, inputs: Any = None, *args: Any, **named: Any) -> F:
    """``mod`` itself."""
    return mod


def script_if_tracing(fn: F) -> F:
    """``fn`` itself."""
    return fn


class ScriptModule(Module):
    """A module written to be scripted: a `Module`, which is run as the Python it is."""


def ignore(drop: Any = False, **named: Any) -> Any:
    """Marks a method that is not to be scripted: it is returned as it is."""
    return drop if callable(drop) else lambda fn: fn


def marked(fn: F) -> F:
    """A function that is marked for scripting: returned as it is."""
    return fn


export = unused = script_method = interface = marked


def freeze(mod: F, *args: Any, **named: Any) -> F:
    """``mod`` itself."""
    return mod


optimize_for_inference = freeze


def is_scripting() -> bool:
    """Whether the code is being scripted: it never is."""
    return False


is_tracing = is_scripting


def annotate(the_type: Any, the_value: F) -> F:
    """``the_value``"""
    return the_value


def fork(func: Callable[..., Any], *args: Any, **named: Any) -> Any:
    """Calls ``func`` at once; `wait` gives its result."""
    return func(*args, **named)


def wait(future: F) -> F:
    return future


def no_files() -> RuntimeError:
    return RuntimeError(
        message(
            "torch.jit.save and torch.jit.load are not available",
            "their files hold a program, and chainrule neither writes nor runs one",
            "torch.save(model.state_dict(), path) and model.load_state_dict(torch.load(path))",
        )
    )


RecursiveScriptModule = TopLevelTracedModule = TracedModule = ScriptModule


def strict_fusion() -> AbstractContextManager[None]:
    """A block in which the compiler is to fuse all it can: there is none."""
    return nullcontext()


def optimized_execution(should_optimize: bool) -> AbstractContextManager[None]:
    """A block in which scripted functions are optimized, or not: they run as they are."""
    return nullcontext()


def set_fusion_strategy(strategy: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Say how the compiler is to fuse: there is none. Returns what was said before: nothing."""
    return []


def enable_onednn_fusion(enabled: bool) -> None:
    """Ask for a library's fused operations: it is not used here."""


refuse = partial(refusing, error=no_files, doc="Files of programs are refused, with what to do instead.")
save = refuse("save")
load = refuse("load")
