"""`report`: one page to look at, of a loss, a recorded run, or a whole script (``chainrule explain SCRIPT.py --html``).

``watching`` notes what a run leaves behind; ``collected`` makes one document of it, whose shape `schema` says; ``page``
puts that into the template that ``frontend/`` is built into.
"""

from __future__ import annotations

from .making import report as report

__all__ = ["report"]
