"""One framework's side of a row, in a process of its own: `python -m benchmarks.worker FRAMEWORK ROW`.

In one process the frameworks would not be measured as they are used: chainrule tells the C library's allocator to keep
freed memory, and PyTorch, sharing it, would be up to three times as fast on large arrays as it is alone.

The worker prints what the first steps compute, as JSON, and then for every line it reads (seconds) one turn's time.
"""

import gc
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from .dialects import LeftOut, Timed, checks, timed
from .frameworks import FRAMEWORKS, Framework

IN_A_SESSION = hasattr(os, "killpg")  # of its own, on POSIX: a process and what it started end together


def end(process: subprocess.Popen[str]) -> None:
    """End a process with all that it started, such as a compiler, which would go on and hold its pipes open."""
    try:
        if IN_A_SESSION:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except (ProcessLookupError, PermissionError):  # nothing is left of it; the latter is how macOS says so
        pass
    process.wait()


class Worker:
    """The other end: starts the process and asks it for turns."""

    def __init__(self, framework: Framework, row: str, cache: Path, patience: float = 60.0) -> None:
        self.patience = patience  # seconds for each answer
        self.said = tempfile.TemporaryFile()  # its stderr, of which the last line is the reason if it ends
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", framework.name, row],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.said,
            text=True,
            env={
                **os.environ,
                **framework.variables(cache),
                "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path),  # it finds what we find
            },
            start_new_session=IN_A_SESSION,
        )
        try:
            answer = self.answer()
        except (RuntimeError, LeftOut):
            self.close()
            raise
        self.computed: list[float] = answer["computed"]
        self.first: float = answer["first"]  # seconds that the first steps took

    def answer(self) -> Any:
        assert self.process.stdout is not None
        late = threading.Event()
        timer = threading.Timer(self.patience, lambda: (late.set(), end(self.process)))
        timer.start()
        try:
            line = self.process.stdout.readline()
        finally:
            timer.cancel()
        if late.is_set():
            raise RuntimeError(f"no answer within {self.patience:g} s")
        if not line:
            raise RuntimeError(f"the worker ended with exit status {self.process.wait()}{self.last_words()}")
        said = json.loads(line)
        if isinstance(said, dict) and "error" in said:
            raise RuntimeError(said["error"])
        if isinstance(said, dict) and "left out" in said:
            raise LeftOut(said["left out"])
        return said

    def last_words(self) -> str:
        self.said.seek(0)
        lines = self.said.read().decode(errors="replace").strip().splitlines()
        return f": {lines[-1]}" if lines else ""

    def turn(self, seconds: float) -> float:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(f"{seconds}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise RuntimeError(f"the worker ended with exit status {self.process.wait()}{self.last_words()}") from None
        return self.answer()

    def close(self) -> None:
        """Without waiting for it to tidy up, which takes PyTorch a second."""
        assert self.process.stdin is not None and self.process.stdout is not None
        end(self.process)
        self.process.stdin.close()
        self.process.stdout.close()
        self.said.close()


def take_turn(work: Timed, seconds: float) -> float:
    """Seconds for one step, over as many calls as fill the time, once calls have filled as much: cores that were idle while others
    had their turns take some 30 ms to come back to their clock, in which steps of a network took 1.1 to 2.3 times as long."""
    gc.collect()
    start = time.perf_counter()
    calls = 0
    while calls < 1 or time.perf_counter() - start < seconds:
        work.wait(work.call())
        calls += 1
    count = max(1, math.ceil(seconds * calls / max(time.perf_counter() - start, 1e-7)))
    start = time.perf_counter()
    for _ in range(count):
        result = work.call()
    work.wait(result)
    return (time.perf_counter() - start) / count / work.steps


def prepared(framework: Framework, row: Any) -> tuple[Timed, dict[str, Any]]:
    """The work, what its first steps computed, and what they took: some compile in the first, some in the third."""
    work = timed(framework, row)
    start = time.perf_counter()
    computed = checks(work)
    first = time.perf_counter() - start
    computed += work.proof() if work.steps == 1 else []
    work.check()
    return work, {"computed": computed, "first": first}


def serve(framework_name: str, row_name: str) -> None:
    from .rows import ROWS

    framework = next(f for f in FRAMEWORKS if f.name == framework_name)
    row = next(r for r in ROWS if r.name == row_name)
    out, sys.stdout = sys.stdout, sys.stderr  # what frameworks print is no answer
    try:
        work, said = prepared(framework, row)
    except LeftOut as why:
        said = {"left out": str(why)}
    except Exception as error:  # one that cannot run the row is a cell of the table, not the end of the run
        said = {"error": f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"}
    print(json.dumps(said), file=out, flush=True)
    for line in sys.stdin:
        print(json.dumps(take_turn(work, float(line))), file=out, flush=True)


if __name__ == "__main__":
    serve(*sys.argv[1:])
