"""Which line of the program is running: the innermost frame that is neither chainrule's nor Python's own."""

from __future__ import annotations

import os
import sys
import sysconfig
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from ..base.trail import short

OURS = str(Path(__file__).parents[1]) + os.sep
LIBRARIES = tuple({sysconfig.get_path(kind) + os.sep for kind in ("stdlib", "purelib", "platlib")})


class Line(NamedTuple):
    """A place in the program."""

    file: str
    number: int

    def __str__(self) -> str:
        """``train.py:12``; of a notebook's cell, ``a cell:3``.

        >>> print(Line("course/train.py", 12), Line("/tmp/ipykernel_7/4231.py", 3))
        train.py:12 a cell:3
        """
        return f"{os.path.basename(short(self.file))}:{self.number}" if self.file else "?"


NOWHERE = Line("", 0)


@lru_cache(maxsize=4096)
def is_users(file: str) -> bool:
    """Whether a file is part of the program that is observed.

    >>> is_users("train.py"), is_users("<frozen runpy>"), is_users(__file__)
    (True, False, False)
    """
    if file.startswith(("<frozen", "<string>")):
        return False
    return not file.startswith(OURS) and not file.startswith(LIBRARIES)


def here() -> Line:
    """The line of the program that led to this call."""
    frame = sys._getframe(1)
    while frame is not None:
        if is_users(frame.f_code.co_filename):
            return Line(frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back  # type: ignore[assignment]
    return NOWHERE


def of_error(lines: TracebackType | None) -> Line:
    """The innermost line of the program in a traceback."""
    found = NOWHERE
    while lines is not None:
        if is_users(lines.tb_frame.f_code.co_filename):
            found = Line(lines.tb_frame.f_code.co_filename, lines.tb_lineno)
        lines = lines.tb_next
    return found


def source_of(line: Line) -> str:
    """The text of a line, if its file can be read."""
    import linecache

    return linecache.getline(line.file, line.number).strip() if line.file else ""
