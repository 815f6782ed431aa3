"""`Doctor`: observe a block of code, then say what is wrong with it."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

from .checks import examine
from .finding import SURE, Finding
from .lines import of_error
from .observer import Observer
from .report import text


class Doctor:
    """Within ``with chainrule.doctor() as found:`` what happens is noted; afterwards ``found.findings`` says what is wrong.

    With ``show`` (default) the findings are also written to the error stream; ``print(found)`` writes the same.

    >>> with torch.doctor(show=False) as found:
    ...     w = torch.tensor(1.0, requires_grad=True)
    ...     opt = torch.optim.SGD([w], lr=0.1)
    ...     for _ in range(3):
    ...         (w * w).backward()
    ...         opt.step()
    >>> [f.code for f in found.findings]
    ['D01']
    """

    _running = False

    def __init__(self, show: bool = True) -> None:
        self.show = show
        self.findings: list[Finding] = []
        self.observer = Observer()
        self.done = False

    def __enter__(self) -> Doctor:
        if Doctor._running:
            raise RuntimeError(
                "a doctor is already observing\n  instead: one `with chainrule.doctor():` around all of it"
            )
        Doctor._running = True
        self.observer.install()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, lines: TracebackType | None) -> None:
        self.observer.uninstall()
        Doctor._running = False
        run = self.observer.finish()
        if isinstance(error, Exception):
            run.error, run.error_line = error, of_error(lines)
        self.findings, self.done = examine(run), True
        if self.show:
            print(text(self.findings), file=sys.stderr)

    def __str__(self) -> str:
        return text(self.findings) if self.done else "Nothing to say before the block has ended."

    __repr__ = __str__

    @property
    def sure(self) -> list[Finding]:
        """The findings that the numbers leave no doubt about."""
        return [f for f in self.findings if f.severity == SURE]

    @property
    def record(self) -> Any:
        """What was noted of the run."""
        return self.observer.run
