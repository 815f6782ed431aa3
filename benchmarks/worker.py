"""One framework's side of a row, in a process of its own: `python -m benchmarks.worker FRAMEWORK ROW`.

In one process the frameworks would not be measured as they are used: chainrule tells the C library's allocator to keep
freed memory, and PyTorch, sharing it, would be up to three times as fast on large arrays as it is alone.

The worker prints what the first steps compute, as JSON, and then for every line it reads (seconds) one turn's time.
"""

import gc
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from .frameworks import FRAMEWORKS, Framework
from .workloads import Step


class Worker:
    """The other end: starts the process and asks it for turns."""

    def __init__(self, framework: Framework, row: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", framework.name, row],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)},  # it finds what we find
        )
        try:
            self.computed: list[float] = self.answer()
        except RuntimeError:
            self.close()
            raise

    def answer(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the worker ended with exit status {self.process.wait()}")
        said = json.loads(line)
        if isinstance(said, dict):
            raise RuntimeError(said["error"])
        return said

    def turn(self, seconds: float) -> float:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def three_steps(step: Step, tensors: Sequence[Any]) -> list[float]:
    """The losses of the first three steps, then the norm of each gradient that the last one leaves."""
    losses = [float(step().item()) for _ in range(3)]
    gradients = [gradient for tensor in tensors if (gradient := getattr(tensor, "grad", None)) is not None]
    return losses + [float(np.linalg.norm(np.asarray(gradient.detach()))) for gradient in gradients]


def take_turn(step: Step, seconds: float) -> float:
    """Seconds for one step, over as many as fill the time."""
    gc.collect()
    start = time.perf_counter()
    step()  # caches and threads are ours again
    count = max(1, math.ceil(seconds / max(time.perf_counter() - start, 1e-7)))
    start = time.perf_counter()
    for _ in range(count):
        step()
    return (time.perf_counter() - start) / count


def serve(framework_name: str, row_name: str) -> None:
    from .rows import ROWS, StepRow

    framework = next(f for f in FRAMEWORKS if f.name == framework_name)
    row = next(r for r in ROWS if r.name == row_name)
    assert isinstance(row, StepRow)
    try:
        step, tensors = row.workloads[framework.dialect](framework.load())
        said: Any = three_steps(step, tensors)
    except Exception as error:  # one that cannot run the row is a row in the table, not the end of the run
        said = {"error": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}
    print(json.dumps(said), flush=True)
    for line in sys.stdin:
        print(json.dumps(take_turn(step, float(line))), flush=True)


if __name__ == "__main__":
    serve(*sys.argv[1:])
