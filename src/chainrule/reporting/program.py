"""Run a script as ``chainrule run`` does, recorded and observed, and collect what its report shows."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..diagnosis.examination import Doctor
from ..diagnosis.program import shown
from ..diagnosis.swap import Swaps
from ..interop.program import main_module, put_first_on_path
from ..interop.torch_alias import install
from ..ladder.climbing import Climb, climb
from ..recording.recorder import record
from ..recording.run import load
from .collected import NOT_CLIMBED, Collected
from .encoding import cut
from .source import Source
from .watching import Watch


class Observed:
    """A program while it runs: examined, recorded into ``file``, watched; climbs of the ladder are kept apart."""

    def __init__(self, file: Path) -> None:
        self.recorder = record(file)
        self.watch = Watch(lambda: self.recorder.count)
        self.doctor = Doctor(show=False)
        self.climbs: list[Climb] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        swaps = Swaps()
        with self.doctor:
            self.watch.install()
            try:
                with self.recorder:
                    swaps.around(climb, self.climbed)
                    Doctor._running = record._running = False  # the program may have a doctor and a record of its own
                    try:
                        yield
                    finally:
                        swaps.undo()
            finally:
                self.watch.uninstall()

    def climbed(self, original: Any, *args: Any, **named: Any) -> Climb:
        """The ladder trains each rung in turn; these steps are in its table, and belong to no curve and no finding."""
        self.recorder.observer.remove()
        self.watch.uninstall()
        self.doctor.observer.uninstall()
        try:
            self.climbs.append(original(*args, **named))
        finally:
            self.doctor.observer.install()
            self.watch.install()
            self.recorder.observer.install()
        return self.climbs[-1]


@contextmanager
def observed_script(path: Path, args: tuple[str, ...]) -> Iterator[tuple[Collected, int]]:
    """(what was collected, the exit status: 2 if the program itself failed); it can be read within the block."""
    install()
    sys.argv = [str(path), *args]
    put_first_on_path(str(path.resolve().parent))
    module = main_module(str(path))
    with tempfile.TemporaryDirectory(prefix="chainrule-") as folder:
        file = Path(folder, "run.rec")
        observed, status, error = Observed(file), 0, ""
        try:
            with observed.running():
                exec(compile(path.read_bytes(), str(path), "exec", dont_inherit=True), module.__dict__)
        except SystemExit as end:
            status = 2 if end.code not in (None, 0) else 0
            if isinstance(end.code, str):
                print(end.code, file=sys.stderr)
                error = f"the program ended itself: {end.code}"
        except BaseException as raised:
            status, error = shown(raised), f"{type(raised).__name__}: {raised}"
        run = load(file) if file.exists() else None
        try:
            yield collected(observed, run, path, cut(error)), status
        finally:
            if run is not None:
                run.close()


def collected(observed: Observed, run: Any, path: Path, error: str) -> Collected:
    """What was noted of a program, for its report."""
    watch = observed.watch
    why: dict[str, str] = {}
    if watch.last is None and watch.several:
        several = "all backward passes started from tensors of several numbers; a loss is one number."
        why |= dict.fromkeys(("graphs", "surface", "fit"), several)
    if watch.last is None and observed.climbs:
        why |= dict.fromkeys(("graphs", "surface", "fit", "curves", "flow"), NOT_CLIMBED)
    elif run is None or not len(run):
        why["curves"] = why["flow"] = "no step of training was made."
    return Collected(
        path.name, watch.first, watch.last, watch.states.items, list(watch.recent), list(watch.layers.values()), run,
        observed.doctor.findings, observed.climbs, Source(path), error, observed.recorder.count, why,
    )  # fmt: skip
