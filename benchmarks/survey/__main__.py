"""`python -m benchmarks.survey`: time each operation under chainrule and PyTorch, print those that are slower first.

Forward and backward, at a hundred, thirty thousand and a million entries; the frameworks take turns, each in a
process of its own. A call below a few microseconds says nothing of an operation; the last digits are the machine's.
"""

import argparse
import json
import math
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from ..frameworks import CHAINRULE, FRAMEWORKS, PYTORCH, Framework
from .given import Given
from .operations import ARITHMETIC, FUNCTIONS, LOGIC, RANDOM, REDUCE
from .others import LOSSES, MIX, MOVE

OPERATIONS = RANDOM | ARITHMETIC | FUNCTIONS | LOGIC | REDUCE | MOVE | MIX | LOSSES
SIZES = {"small": 100, "middle": 30_000, "large": 1_000_000}


def step(torch: Any, name: str, n: int, backward: bool) -> Any:
    """The call that is timed; None for the backward pass of what has none."""
    case = OPERATIONS[name](Given(torch, n))
    function, inputs = case.function, case.inputs
    if not backward:

        def forward() -> Any:
            with torch.no_grad():
                return function(*inputs)

        return forward
    if not case.backward:
        return None
    leaves = [x.detach().requires_grad_() if x.dtype.is_floating_point else x for x in inputs]
    upstream = torch.ones_like(function(*leaves).detach())

    def both() -> Any:
        for x in leaves:
            x.grad = None
        function(*leaves).backward(upstream)

    return both


def timed(call: Any, seconds: float) -> float:
    """Seconds for one call, over as many as fill the time."""
    start = time.perf_counter()
    call()  # caches are its own again
    count = max(1, math.ceil(seconds / max(time.perf_counter() - start, 1e-7)))
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count


class Worker:
    """A process in which one framework is timed."""

    def __init__(self, framework: Framework) -> None:
        path = os.pathsep.join(p or "." for p in sys.path)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.survey", "--serve", framework.name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip

    def ask(self, *question: Any) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        print(json.dumps(question), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())


def serve(name: str) -> None:
    torch = next(f for f in FRAMEWORKS if f.name == name).load()
    asked, call = None, None
    for line in sys.stdin:
        *what, seconds = json.loads(line)
        try:
            if what != asked:
                call, asked = None, what
                call = step(torch, *what)
            answer: Any = None if call is None else timed(call, seconds)
        except Exception as error:
            answer = f"{type(error).__name__}: {error}".splitlines()[0]
        print(json.dumps(answer), flush=True)


def measured(names: Sequence[str], sizes: Sequence[str], seconds: float, rounds: int) -> Iterator[tuple[Any, ...]]:
    """(operation, size, pass, seconds of ours, PyTorch's), the best of several turns each."""
    workers = [Worker(CHAINRULE), Worker(PYTORCH)]
    for name in names:
        for size in sizes:
            for backward in (False, True):
                turns = [[w.ask(name, SIZES[size], backward, seconds) for w in workers] for _ in range(rounds)]
                found = list(zip(*turns, strict=True))
                if failed := [t for t in found if not isinstance(t[0], float)]:
                    if failed[0][0] is not None:
                        print(f"{name}, {size}: {[t[0] for t in found]}", file=sys.stderr)
                    continue
                yield name, size, "both" if backward else "forward", *map(min, found)


def written(rows: Iterator[tuple[Any, ...]], path: str | None) -> Iterator[tuple[Any, ...]]:
    """The rows, each added to a file as it comes."""
    if path is None:
        yield from rows
        return
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            print(json.dumps(row), file=file, flush=True)
            yield row


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.survey", description=__doc__)
    parser.add_argument("--only", default="", help="operations whose names this regular expression finds")
    parser.add_argument("--sizes", default=",".join(SIZES), help="of small, middle, large")
    parser.add_argument("--seconds", type=float, default=0.02, help="at least this long for one turn")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--least", type=float, default=0.0, help="print those of at least this ratio")
    parser.add_argument("--json", help="write all of it here as well, a line each")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.serve:
        serve(options.serve)
        return
    names = [name for name in OPERATIONS if re.search(options.only, name)]
    found = measured(names, options.sizes.split(","), options.seconds, options.rounds)
    rows = sorted(written(found, options.json), key=lambda row: -row[3] / row[4])
    for name, size, way, ours, theirs in rows:
        if ours / theirs >= options.least:
            print(
                f"{ours / theirs:7.2f} {name:30} {size:7} {way:8} {1e6 * ours:12.1f} µs, PyTorch {1e6 * theirs:12.1f} µs"
            )


if __name__ == "__main__":
    main()
