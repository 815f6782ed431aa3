"""The observer: watchers that are installed for a while, and the record they write."""

from __future__ import annotations

from typing import Any

from .record import Run
from .swap import Swaps
from .watch_backward import Passes
from .watch_byhand import ByHand
from .watch_losses import Losses
from .watch_ops import Operations
from .watch_others import Others
from .watch_training import Training


class Observer:
    """Writes a `Run` while it is installed; leaves nothing behind."""

    def __init__(self) -> None:
        self.run = Run()
        self.swaps = Swaps()
        operations = Operations(self.run)
        passes = Passes(self.run, operations)
        self.training = Training(self.run, operations, passes)
        others = [kind(self.run, operations) for kind in (Losses, ByHand, Others)]
        self.watchers: list[Any] = [operations, passes, self.training, *others]

    def install(self) -> None:
        for watcher in self.watchers:
            watcher.install(self.swaps)

    def uninstall(self) -> None:
        self.swaps.undo()
        self.training.uninstall()

    def finish(self) -> Run:
        for watcher in self.watchers:
            if isinstance(watcher, (Training, ByHand)):
                watcher.finish()
        return self.run
