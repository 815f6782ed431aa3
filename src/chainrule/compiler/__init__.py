"""``chainrule.compile``: a whole training step (or any function of tensors) as machine code.

The files below, in reading order:

- what a step is: `program` (a list of values), `symbolic`, `operators`, `entrywise` (arrays that are not known yet)
- how ops and optimizers are read on them: `registry`, `readings`, `surface`, `updates`
- recording a call: `recording`, `within`, `exchanges`, `wayback` (backward passes), `jacobians` (many gradients at once),
  `outside`, `drawing`, `randomness` (what is drawn), `sources`, `reliance`, `facts` (what the step relies on)
- from values to loops: `fusion`, `batching` (what is computed together), `nests`, `blocks`, `products`, `large_products`, `joins`,
  `additions`, `names` (their kernels), `emission` (one module)
- running: `blueprint`, `drafting`, `identity` (what is kept on disk, and by what it is found), `running` (memory and code),
  `feeding` (what each of many steps is given anew)
- what is kept of a step: `calls`, `bounds` (of classes and rows), `plan`, `trial`, `step` (what `compile` returns),
  `homes` (of gradients), `minibatches`, `comparing`, `reporting`
- results with a history: `pullback` (the way back, recorded), `parting` (there and back as two programs), `returning`,
  `paired` (both made to run), `attached` (the node in the graph), `modules` (what `compile` makes of a module)
- plain training loops: `loops`, `choosing`, `liveness`, `cutting` (what a step is given and gives), `turns`, `retreat`
  (where it begins), `outcome` (what became of it)
- on top: `many`, `curvature`, `sweeping` (many settings at once)
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache, partial
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
    """A function that is recorded while it runs, and done by machine code from its third call on; a `Step`.

    It gives the same results, to rounding; what can't be compiled runs as ever, and ``step.report()`` says why. Compile a
    whole training step, with ``zero_grad``, ``backward`` and the optimizer's ``step``, for the most speed, and let
    ``step.repeat(n)`` or ``step.epochs(n, loader)`` take many.

    A function whose results have a history is compiled as two programs, there and back: in the graph a call is one node.
    A module becomes an `OptimizedModule` around it, whose calls are compiled so.

    Without a function it is a decorator. PyTorch's options choose among its compilers; ``backend="eager"`` and
    ``disable=True`` leave the function as it is, and ``fullgraph=True`` raises an error where something can't be compiled.

    >>> @torch.compile
    ... def f(x):
    ...     return x.sin() + 1
    >>> f(torch.zeros(2))
    tensor([1., 1.])
    >>> torch.compile(nn.ReLU())(torch.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """
    if mode not in MODES:
        raise RuntimeError(f"Unrecognized mode={mode}, should be one of: {', '.join(str(m) for m in MODES[1:])}")
    if mode is not None and options is not None:
        raise RuntimeError(
            "Either mode or options can be specified, but both can't be specified at the same time."
        )
    if model is None:
        return partial(compile, fullgraph=fullgraph, dynamic=dynamic, backend=backend, mode=mode, options=options, disable=disable)
    if not callable(model):
        raise RuntimeError(
            message(
                "torch.compile requires a callable",
                f"it was given {model!r}",
                "torch.compile(function), or torch.compile(model)",
            )
        )
    from ..nn.module import Module
    from .modules import OptimizedModule
    from .step import Step

    if disable or isinstance(model, (Step, OptimizedModule)):
        return model
    if backend != "eager":
        say_if_nothing_compiles()
    if isinstance(model, Module):
        return OptimizedModule(model, fullgraph, backend != "eager")
    return model if backend == "eager" else Step(model, fullgraph)


@cache
def say_if_nothing_compiles() -> None:
    """Say, once, that everything will run eagerly for want of llvmlite."""
    from ..native import machine

    if not machine.installed():
        warnings.warn(
            message(
                "torch.compile: llvmlite is not installed",
                "without it there is no machine code; everything runs eagerly, with the same results",
                "pip install llvmlite",
            ),
            stacklevel=3,
        )


def disable(fn: Any = None, recursive: bool = True, *, reason: str | None = None) -> Any:
    """``fn`` itself; without it, a decorator. Within a compiled step it is recorded like everything else."""
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
    """Does nothing: what is compiled belongs to its step, and goes with it."""


def cudagraph_mark_step_begin() -> None:
    """Marks a step for a GPU: there is none."""


def list_backends(exclude_tags: Any = ()) -> list[str]:
    """What ``backend`` may be: "eager" leaves a function as it is; any other name, as PyTorch's default, compiles it."""
    return ["eager", "inductor"]
