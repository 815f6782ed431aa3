"""``torch.fx``: modules as graphs of calls. They are not available; a module here is run, not read.

The names are there, so that ``isinstance(model, torch.fx.GraphModule)`` answers (False) and a program that traces a
module learns at that line that it cannot.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from ..base.absent import absent_class, refusing
from ..base.errors import message


def missing() -> NotImplementedError:
    return NotImplementedError(
        message(
            "torch.fx cannot trace a module here",
            "chainrule records the calls on tensors when they run, not the program that makes them",
            "chainrule.explain(loss) shows what was computed; model.named_modules() and forward hooks see each layer",
        )
    )


refuse = partial(refusing, error=missing, doc="Not available: an error with what there is instead.")
symbolic_trace, replace_pattern = refuse("symbolic_trace"), refuse("replace_pattern")
GraphModule, Graph, Node, Proxy, Tracer, Interpreter, Transformer = [
    absent_class(f"torch.fx.{name}", missing, "Belongs to traced modules: making one is an error.")
    for name in ("GraphModule", "Graph", "Node", "Proxy", "Tracer", "Interpreter", "Transformer")
]


def wrap(fn_or_name: Any) -> Any:
    """Marks a function that tracing is to leave whole: returned as it is."""
    return fn_or_name


def __getattr__(name: str) -> Any:
    if name == "experimental":
        from importlib import import_module

        return import_module(f"{__name__}.experimental")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
