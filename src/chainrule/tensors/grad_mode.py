"""Switching the recording of the graph off and on: ``no_grad``, ``enable_grad``, ``set_grad_enabled``, ``inference_mode``.

Each is a context manager and a decorator, and holds for the running thread only.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import isgeneratorfunction
from typing import Any

from ..base.modes import modes
from ..base.trail import here

new = object.__new__


class GradMode:
    """Set the recording of gradients on entering, put it back on leaving."""

    __slots__ = ("before",)
    setting = False

    def __enter__(self) -> None:
        switches = modes.__dict__  # of this thread; looked for once, since that takes longer than all else here
        self.before = switches["grad"]
        switches["grad"] = self.setting

    def __exit__(self, kind: Any = None, error: Any = None, trace: Any = None) -> None:
        modes.__dict__["grad"] = self.before

    def again(self) -> GradMode:
        """A fresh one with the same setting, for each call of a decorated function."""
        return type(self)()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if isgeneratorfunction(function):

            @wraps(function)
            def generator(*args: Any, **kwargs: Any) -> Any:
                return (yield from driven(function(*args, **kwargs), self.again))

            return generator

        @wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with self.again():
                return function(*args, **kwargs)

        return wrapper


def driven(running: Any, switch: Callable[[], GradMode]) -> Any:
    """Run a generator with the switch on while it runs, and off while its caller does."""

    def resume(step: Callable[..., Any], *given: Any) -> Any:
        with switch():
            return step(*given)

    try:
        item = resume(next, running)
        while True:
            try:
                got = yield item
            except GeneratorExit:
                resume(running.close)
                raise
            except BaseException as error:
                item = resume(running.throw, error)
            else:
                item = resume(running.send, got)
    except StopIteration as stop:
        return stop.value


class no_grad(GradMode):  # noqa: N801
    """Do not record the graph.

    >>> w = torch.ones(2, requires_grad=True)
    >>> with torch.no_grad():
    ...     y = w * 2
    >>> y.requires_grad
    False
    """

    __slots__ = ()

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        return new(cls) if function is None else new(cls)(function)


class enable_grad(no_grad):  # noqa: N801
    """Record the graph, also inside ``no_grad``."""

    __slots__ = ()
    setting = True


class set_grad_enabled(GradMode):  # noqa: N801
    """Record the graph or not, as ``mode`` says: at once, and until the ``with`` block ends if used as one."""

    __slots__ = ("setting",)

    def __init__(self, mode: bool) -> None:
        self.before = modes.grad
        self.setting = bool(mode)
        modes.grad = self.setting
        if self.before and not mode:
            modes.off = here()  # a block is found on the stack when an error is made; this is not

    def __enter__(self) -> None:
        modes.grad = self.setting

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        modes.grad = self.before
        return super().__call__(function)

    def again(self) -> GradMode:
        return set_grad_enabled(self.setting)

    def __repr__(self) -> str:
        return f"torch.autograd.grad_mode.set_grad_enabled(mode={self.setting})"


class inference_mode(GradMode):  # noqa: N801
    """Like ``no_grad``; what is computed inside are tensors like others, which may meet a graph afterwards."""

    __slots__ = ("setting", "marked")

    def __new__(cls, mode: Any = True) -> Any:
        made = object.__new__(cls)
        made.setting = callable(mode) or not mode
        if callable(mode):
            made.setting = False
            return made(mode)
        return made

    def __init__(self, mode: Any = True) -> None:
        pass

    def __enter__(self) -> None:
        self.before, self.marked = modes.grad, modes.inference
        modes.grad, modes.inference = self.setting, not self.setting

    def __exit__(self, *exc: Any) -> None:
        modes.grad, modes.inference = self.before, self.marked

    def again(self) -> GradMode:
        return inference_mode(not self.setting)


def is_grad_enabled() -> bool:
    """Whether the graph is being recorded."""
    return modes.grad


def is_inference_mode_enabled() -> bool:
    """Whether inference mode is on."""
    return modes.inference


def is_inference(input: Any) -> bool:
    """Whether a tensor may never meet a graph: none is so; those made under `inference_mode` are like others.

    >>> with torch.inference_mode():
    ...     x = torch.ones(2)
    >>> x.is_inference(), (x * torch.ones(2, requires_grad=True)).requires_grad
    (False, True)
    """
    return False
