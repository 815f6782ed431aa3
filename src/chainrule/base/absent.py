"""What is not in this computer, said in the words of PyTorch's CPU build.

Programs ask ``torch.cuda.is_available()`` and go on without; those that do not ask get an error that says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from .errors import message

CUDA = "Torch not compiled with CUDA enabled"
INSTEAD = 'device = "cuda" if torch.cuda.is_available() else "cpu"'


def no_cuda(why: str = "chainrule computes on the CPU") -> AssertionError:
    return AssertionError(message(CUDA, why, INSTEAD))


def answering(name: str, value: Any, doc: str) -> Callable[..., Any]:
    """A function that gives the same answer whatever it is asked.

    >>> answering("device_count", 0, "How many GPUs there are.")()
    0
    """

    def answer(*args: Any, **named: Any) -> Any:
        return value() if callable(value) else value

    answer.__name__ = answer.__qualname__ = name
    answer.__doc__ = doc
    return answer


def refusing(name: str, error: Callable[[], Exception], doc: str) -> Callable[..., NoReturn]:
    """A function that always raises."""

    def refuse(*args: Any, **named: Any) -> NoReturn:
        raise error()

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = doc
    return refuse


def absent_class(name: str, error: Callable[[], Exception], doc: str) -> type:
    """A class of which there are no instances: `isinstance` is False, and calling it raises."""

    def new(cls: type, *args: Any, **named: Any) -> NoReturn:
        raise error()

    return type(name.rpartition(".")[2], (), {"__new__": new, "__doc__": doc, "__module__": name.rpartition(".")[0]})
