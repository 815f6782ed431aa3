"""`doctor`: run a program, note what happens, and say which mistakes the numbers show.

The observer (`observer`, `watch_*`) writes a record of the run (`record`); each check (`checks`) reads it and returns
findings (`finding`). A finding rests on what happened in the run, never on how the source looks.
"""

from __future__ import annotations

from .examination import Doctor as doctor
from .finding import Finding as Finding

__all__ = ["Finding", "doctor"]
