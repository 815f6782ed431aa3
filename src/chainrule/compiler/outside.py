"""The program's own code while a step is recorded: which functions ran, and which of Python's calls leave traces."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any

from ..base import trail
from .recording import Recording
from .surface import FOLDERS, Surface

INSTALLED = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
ELSEWHERE = (*trail.OURS, os.path.dirname(os.__file__), *INSTALLED)
PROGRAM, SURFACE, OTHERS = range(3)  # whose a function is: the program's, ours on tensors, anybody else's
OUTWARD = {
    "print", "input", "open", "write", "append", "extend", "insert", "pop", "remove", "update", "setdefault", "popleft",
}  # fmt: skip
DRAWING = ("random", "numpy.random", "secrets", "time")


@contextmanager
def watching_calls(now: Recording) -> Iterator[None]:
    """Note which of the program's own functions run, and the calls of Python's that leave traces."""
    surface = Surface(now)
    known: dict[str, int] = {}  # by file

    def profile(frame: Any, event: str, what: Any) -> None:
        code: CodeType = frame.f_code
        name = code.co_filename
        whose = known.get(name)
        if whose is None:
            whose = known[name] = whose_is(name)
        if whose == OTHERS:
            return
        if whose == SURFACE:
            if event == "call":
                surface.entered(frame)
            elif event == "return":
                surface.left(frame, what)
            return
        if event == "call":
            free = code.co_freevars
            held = {n: v for n, v in frame.f_locals.items() if n in free} if free else {}
            now.called[code] = (frame.f_globals, held)
        elif event == "c_call":
            called, module = getattr(what, "__name__", ""), str(getattr(what, "__module__", "") or "")
            owner = getattr(what, "__self__", None)
            if called in OUTWARD and not isinstance(owner, str):
                why = f"calls {called}(…), which leaves a trace outside"
                if isinstance(owner, (list, dict, set)):
                    now.mutations.append(((name, frame.f_lineno), why, owner))
                else:
                    now.breaks.append(((name, frame.f_lineno), why))
            elif module.startswith(DRAWING) or type(owner).__module__.startswith(DRAWING):
                why = f"calls {module or type(owner).__name__}.{called}, which differs from call to call"
                now.breaks.append(((name, frame.f_lineno), why))

    now.profile, before = profile, sys.getprofile()
    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(before)


def whose_is(file: str) -> int:
    """Whose the functions in a file are."""
    return SURFACE if file.startswith(FOLDERS) else OTHERS if file.startswith(ELSEWHERE) else PROGRAM
