"""Observe a function without a branch in it: for a while, its code is exchanged for a call of the observer.

A function that other modules have imported by name is many references to one object, so the object stays and its
``__code__`` changes. Outside the block every function runs the code it was written with: observing costs nothing when
nobody observes.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from types import CodeType, FunctionType
from typing import Any

from ..graph import apply as hot

Around = Callable[..., Any]  # around(original, *args, **named) -> result

numbers = count()


class Swaps:
    """Functions whose code is exchanged, and what it takes to put it back.

    >>> def double(x):
    ...     return 2 * x
    >>> swaps = Swaps()
    >>> swaps.around(double, lambda original, x: original(x) + 1)
    >>> double(3)
    7
    >>> swaps.undo(); double(3)
    6
    """

    def __init__(self) -> None:
        self.done: list[tuple[FunctionType, CodeType, str]] = []

    def around(self, function: Any, around: Around) -> None:
        """From now on, calling ``function`` calls ``around(original, …)``."""
        original = FunctionType(
            function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
        )
        original.__kwdefaults__ = function.__kwdefaults__
        name = f"_observed_{next(numbers)}"
        function.__globals__[name] = lambda *args, **named: around(original, *args, **named)
        call = compile(f"lambda *args, **named: {name}(*args, **named)", function.__code__.co_filename, "eval")
        self.done.append((function, function.__code__, name))
        hot.watched += 1
        function.__code__ = eval(call).__code__.replace(
            co_name=function.__name__, co_freevars=function.__code__.co_freevars
        )

    def undo(self) -> None:
        """Put every function's own code back, the last exchanged first."""
        while self.done:
            function, code, name = self.done.pop()
            function.__code__ = code
            del function.__globals__[name]
            hot.watched -= 1
