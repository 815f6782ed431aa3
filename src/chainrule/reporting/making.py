"""`report`: a page of a loss, a recording, a climb of the ladder, or several of these."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from ..base.errors import message
from ..diagnosis.examination import Doctor
from ..explanation.history import Snapshot
from ..explanation.telling import checked
from ..graph.value import Value
from ..ladder.climbing import Climb
from ..recording.run import Run
from .axes import AxesError, axes_of
from .collected import NO_GRAPH, NOT_CLIMBED, Collected, document_of
from .page import write
from .watching import Moment, scope_of


def report(what: Any, path: str | os.PathLike[str], *, title: str | None = None, surface: Any = None) -> Path:
    """Write one HTML page that shows how a loss came to be, how training went, or both; it opens without a network.

    ``what``    a loss with its history (as for `explain`): its graph, to step through;
                a run from ``chainrule.record`` or ``chainrule.recording.load``: curves, gradients;
                a climb of the ladder: its table; a doctor: its findings; a list of these: all of it on one page
    ``path``    the file to write; it is replaced in one step
    ``title``   the page's title; by default, what the loss is called, or the recording's file
    ``surface`` over which two axes the loss surface is drawn: two entries of parameters by name, such as ``("w", "b")`` or
                ``("fc.weight[3, 5]", "fc.bias[3]")``, or two random directions, ``"random"`` or ``("random", seed)``; by
                default the parameters that moved most, the plane of most movement, and random directions

    >>> import tempfile
    >>> w = torch.tensor(1.0, requires_grad=True)
    >>> loss = (w * 1.0 - 2.0) ** 2
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     torch.report(loss, f"{folder}/report.html").name
    'report.html'
    """
    found = Collected(title or "", axes=axes_of(surface))
    for one in what if isinstance(what, (list, tuple)) else [what]:
        take(found, one, sys._getframe(1))
    if found.run is not None and found.last is None:
        found.why |= dict.fromkeys(("graphs", "surface", "fit", "activations"), NO_GRAPH)
    elif found.last is None and found.climbs:
        found.why |= dict.fromkeys(("graphs", "surface", "fit", "curves", "flow"), NOT_CLIMBED)
    if found.axes is not None and found.last is None:
        raise AxesError(
            message(
                f"surface={surface!r}: there is no graph of which a surface could be drawn",
                NO_GRAPH.rstrip(".") if found.run is not None else "what is reported holds no loss",
                "chainrule.report([loss, run], 'report.html', surface=…)",
            )
        )
    found.title = found.title or "report"
    target = writable(path)
    return write(document_of(found), target)


def take(found: Collected, one: Any, frame: Any) -> None:
    """Add one thing to what a report is made of."""
    if isinstance(one, Value):
        found.last = Moment(0, Snapshot(checked(one), one.array), scope_of(frame), [])
        found.why.setdefault("activations", "the model is not run again for a report of one loss.")
    elif isinstance(one, Run):
        found.run, found.title = one, found.title or (Path(one.path).name if one.path else "recorded run")
        found.steps = one.length
    elif isinstance(one, Climb):
        found.climbs.append(one)
        found.title = found.title or "the ladder"
    elif isinstance(one, Doctor):
        found.findings = [*(found.findings or []), *one.findings]
    else:
        raise TypeError(
            message(
                f"report() takes a loss, a recorded run, a climb, a doctor, or a list of these, but got {type(one).__name__}",
                "these are what remembers how a number came to be",
                "chainrule.report(loss, 'report.html'), or with chainrule.record() as run: … and chainrule.report(run, 'report.html')",
            )
        )


def writable(path: str | os.PathLike[str]) -> Path:
    """A path that a page can be written to; asked before a program has run for an hour."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(
            message(
                f"report: path is a {type(path).__name__}", "it names the file to write", "report(loss, 'report.html')"
            )
        )
    target = Path(path)
    folder = target.resolve().parent
    what = f"cannot write the report to {str(path)!r}"
    if target.is_dir():
        raise IsADirectoryError(message(what, "it is a folder", repr(str(target / "report.html"))))
    if not folder.is_dir():
        raise FileNotFoundError(message(what, f"there is no folder {str(folder)!r}", f"mkdir -p {folder}"))
    if not os.access(folder, os.W_OK):
        raise PermissionError(message(what, f"the folder {str(folder)!r} may not be written to", "a folder of yours"))
    return target
