"""What was running: the program's own line, the modules being called, and places in the code to be named later.

Nothing here runs unless an error is being made. What is remembered before that is a `Place`: a code object and an
offset into it, two references that keep no variables alive and cost no look at the source.
"""

from __future__ import annotations

import linecache
import os
import re
import sys
from collections.abc import Callable, Iterator
from functools import wraps
from types import CodeType, FrameType
from typing import Any

Place = tuple[CodeType, int]  # where a program stood: a code object, and the offset of an instruction in it

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
OURS = (PACKAGE, "<frozen ")
CELL = re.compile(r"<(ipython|stdin)|ipykernel")


def told(otherwise: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let an explanation that fails give ``otherwise``: it must never take the place of the error that it explains.

    Explanations look at a program's variables and source, which may be anything.
    """

    def decorate(explain: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(explain)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            try:
                return explain(*args, **kwargs)
            except Exception:
                return otherwise

        return wrapped

    return decorate


def is_ours(code: CodeType) -> bool:
    """Whether this is code of the library, or what Python's import system puts between."""
    return code.co_filename.startswith(OURS)


def frames(depth: int = 1) -> Iterator[FrameType]:
    """The frames that are running, innermost first."""
    frame: FrameType | None = sys._getframe(depth)
    while frame is not None:
        yield frame
        frame = frame.f_back


def program() -> FrameType | None:
    """The innermost frame that is the program's, not the library's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(OURS):
        frame = frame.f_back
    return frame


def here() -> Place | None:
    """The line of the program that is running."""
    frame = program()
    return (frame.f_code, frame.f_lasti) if frame is not None else None


# ---------------------------------------------------------------------- lines


def span(place: Place) -> tuple[int, int, int, int]:
    """(first line, last line, first column, last column) of the expression at a place; columns are −1 where unknown."""
    code, offset = place
    known = list(code.co_positions()) if offset >= 0 else []
    first, last, start, end = known[offset // 2] if offset // 2 < len(known) else (None,) * 4
    line = first or code.co_firstlineno
    return line, last or line, -1 if start is None else start, -1 if end is None else end


def text(file: str, line: int) -> str:
    """A line of source without its indentation, or nothing where there is no source."""
    return linecache.getline(file, line).strip()


def short(file: str) -> str:
    """A file as a reader knows it: from the folder they are in, or its name.

    >>> short("/tmp/ipykernel_7/3.py"), short("<stdin>")
    ('a cell', '<stdin>')
    """
    if CELL.search(file) and file != "<stdin>":
        return "a cell"
    if file.startswith("<"):
        return file
    nearby = os.path.relpath(file) if os.path.splitdrive(file)[0] == os.path.splitdrive(os.getcwd())[0] else file
    return os.path.basename(file) if nearby.startswith("..") else nearby


def at(file: str, line: int) -> str:
    """line 7 of train.py, `loss = f(x)`"""
    said = text(file, line)
    return f"line {line} of {short(file)}" + (f", `{said}`" if said else "")


def spelled(place: Place | None) -> str:
    """A place as `at` says it; nothing for None."""
    return at(place[0].co_filename, span(place)[0]) if place is not None else ""


# ---------------------------------------------------------------------- modules


def module_path() -> str:
    """Of the modules that are being called, the innermost, as the program reaches it: ``net.layers.2 (Linear)``.

    A module is recognised by its table of submodules, so that this works for whatever has one.
    """
    inner: Any = None
    outer: Any = None
    below: FrameType | None = None
    for frame in frames(2):
        if frame.f_code.co_name not in ("__call__", "forward", "call"):
            continue
        me = frame.f_locals.get("self")
        if me is None or "_modules" not in getattr(me, "__dict__", ()):
            continue
        inner = me if inner is None else inner
        outer, below = me, frame
    if inner is None or below is None:
        return ""
    kind = type(inner).__name__
    caller = below.f_back
    while caller is not None and is_ours(caller.f_code):
        caller = caller.f_back
    path = [name_of(outer, caller), within(outer, inner)]
    spelling = ".".join(p for p in path if p)
    return f"{spelling} ({kind})" if spelling else kind


def name_of(thing: Any, frame: FrameType | None) -> str:
    """The name by which a frame knows an object, or that of its attribute: ``net``, ``self.net``."""
    if frame is None:
        return ""
    for table in (frame.f_locals, frame.f_globals):
        for name, value in list(table.items()):
            if value is thing and not name.startswith("_"):
                return name
    me = frame.f_locals.get("self")
    kept = getattr(me, "__dict__", {})
    return next((f"self.{name}" for name, value in kept.items() if value is thing), "")


def within(root: Any, module: Any) -> str:
    """The path from a module to one of its submodules; nothing for itself."""
    if root is module:
        return ""
    queue = [("", root)]
    seen: set[int] = set()
    for path, here in queue:
        if id(here) in seen:
            continue
        seen.add(id(here))
        for name, sub in getattr(here, "__dict__", {}).get("_modules", {}).items():
            if sub is module:
                return path + name
            if sub is not None:
                queue.append((f"{path}{name}.", sub))
    return ""
