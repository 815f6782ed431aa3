"""What a fresh process costs: the import, the first step, the peak memory of a training loop."""

import subprocess
import sys

from .frameworks import Framework

# Each prints one number. {module} is a framework that speaks PyTorch.
IMPORT = """
import numpy, time
start = time.perf_counter()
import {module}
print(time.perf_counter() - start)
"""
FIRST_STEP = """
import time
import {module} as torch
from benchmarks.workloads.documents import linear
start = time.perf_counter()
step, _ = linear(torch)
step().item()
print(time.perf_counter() - start)
"""
PEAK_MEMORY = """
import {module} as torch
from benchmarks.process import peak_memory
from benchmarks.workloads.documents import linear
step, _ = linear(torch)
for _ in range(100):
    step()
print(peak_memory())
"""


def in_fresh_process(script: str, framework: Framework) -> float:
    """The number that the script prints; an error there ends in its last line."""
    command = [sys.executable, "-c", script.format(module=framework.module)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError((done.stderr.strip() or f"exit status {done.returncode}").splitlines()[-1])
    return float(done.stdout.split()[-1])


def peak_memory() -> int:
    """The largest resident size of this process so far, in bytes.

    Not `ru_maxrss` where /proc has better: on Linux a child inherits there the size of the process that started it.
    """
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except FileNotFoundError:
        import resource

        size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return size if sys.platform == "darwin" else size * 1024
