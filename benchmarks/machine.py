"""The machine: what it is, and whether others are using it."""

import os
import platform
import sys
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
QUIET = 0.10  # of one CPU: above it, other processes disturb what is measured


def description() -> dict[str, str | int]:
    return {
        "processor": processor(),
        "cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": platform.platform(terse=True),
        "python": sys.version.split()[0],
    }


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


class Others:
    """How many CPUs processes other than ours (and those that it starts) use, from now on."""

    def __init__(self) -> None:
        self.since = time.perf_counter()
        self.start = self._seconds()

    @staticmethod
    def _seconds() -> float | None:
        """CPU time of the whole machine, user and system, less our own."""
        try:
            user, nice, system = Path("/proc/stat").read_text(encoding="ascii").split()[1:4]
        except OSError:
            return None
        own = os.times()
        return (int(user) + int(nice) + int(system)) / TICK - sum(own[:4])

    def used(self) -> float | None:
        """The average since the start, in CPUs; None where the system does not say."""
        now = self._seconds()
        if now is None or self.start is None:
            return None
        return max(0.0, (now - self.start) / (time.perf_counter() - self.since))


def busiest(seconds: float = 1.0) -> tuple[float | None, list[str]]:
    """CPUs that others use in the next second, and the names of the processes that use most."""
    others, before = Others(), cpu_times()
    time.sleep(seconds)
    after = cpu_times()
    used = {pid: (after[pid][1] - before[pid][1], after[pid][0]) for pid in after.keys() & before.keys()}
    used.pop(os.getpid(), None)
    top = sorted(used.values(), reverse=True)[:3]
    return others.used(), [f"{name} {100 * ticks / TICK / seconds:.0f} %" for ticks, name in top if ticks]


def cpu_times() -> dict[int, tuple[str, int]]:
    """pid → (name, CPU ticks), for the processes that /proc shows."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, tail = path.read_text(encoding="utf-8", errors="replace").rpartition(")")
        except OSError:  # it ended meanwhile
            continue
        fields = tail.split()
        found[int(path.parent.name)] = (head.partition("(")[2], int(fields[11]) + int(fields[12]))
    return found
