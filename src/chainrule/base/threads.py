"""Share a loop over the batch between the cores, with one pool of threads for the whole process.

NumPy releases the interpreter's lock inside its loops and matrix products, so two Python threads do run on two cores.
BLAS's own threads are put to sleep meanwhile: two teams on the same cores wait for each other, and OpenBLAS waits by
spinning, which on a busy machine costs several times what a second core brings.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from contextvars import copy_context
from functools import cache
from typing import Any

import numpy as np

from .errors import message

LEAST_WORK = 1 << 20  # entries touched (or multiply-adds / 8) below which waking a thread costs more than it brings

_region = threading.Lock()  # held while a loop is being shared; whoever finds it held does the work alone
_pool: Any = None
_cores = 0  # not asked yet


def cores() -> int:
    """How many cores loops are shared between: ``OMP_NUM_THREADS``, or all that this process may use, up to 8.

    With more than that many threads the interpreter's lock is the bottleneck.
    """
    if _cores == 0:
        found = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        wanted = os.environ.get("OMP_NUM_THREADS", "")
        use_cores(int(wanted) if wanted.isdecimal() and int(wanted) > 0 else min(found, 8))
    return _cores


def most() -> int:
    """How many threads there may ever be here."""
    return max(cores(), os.cpu_count() or 1)


def use_cores(wanted: int) -> None:
    """Share loops between so many cores from now on."""
    global _cores, _pool
    if wanted < 1:
        raise ValueError(message(f"expected a positive number of threads, got {wanted}", "", "1"))
    if wanted != _cores:
        _cores, _pool = wanted, None


def pool() -> Any:
    """The threads beside the caller's own; started when first needed."""
    global _pool
    if _pool is None:
        from concurrent.futures import ThreadPoolExecutor  # brings logging along, so only when needed

        _pool = ThreadPoolExecutor(max(cores() - 1, 1), thread_name_prefix="chainrule")
    return _pool


def forget_pool() -> None:
    """After a fork the child has none of its parent's threads, and the lock may have been held by one of them."""
    global _pool, _region
    _pool, _region = None, threading.Lock()
    one_blas_thread.__init__()  # type: ignore[misc]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget_pool)


def parallel(task: Callable[[int, int], Any], count: int, work: float, least: int = 1) -> list[Any]:
    """``[task(start, stop), …]`` over consecutive ranges that together cover ``range(count)``, one range per core.

    ``work`` says how much there is to do in all, in entries touched; little work is done in one range, here. ``least``
    is the shortest range worth a thread of its own. Tasks see the caller's context, such as NumPy's error state. The
    ranges depend on nothing but the arguments and the number of cores, so sums over them are alike from run to run.

    >>> parallel(lambda start, stop: (start, stop), 10, work=100)
    [(0, 10)]
    """
    if work < 2 * LEAST_WORK:
        with one_blas_thread:
            return [task(0, count)]
    shares = min(cores(), count // max(least, 1), int(work // LEAST_WORK))
    if shares < 2:
        return [task(0, count)]
    ends = [count * i // shares for i in range(shares + 1)]
    ranges = list(zip(ends, ends[1:], strict=False))
    if not _region.acquire(blocking=False):
        return [task(start, stop) for start, stop in ranges]
    try:
        with one_blas_thread:
            others = [pool().submit(copy_context().run, task, start, stop) for start, stop in ranges[1:]]
            try:
                first = task(*ranges[0])
            finally:
                results = [other.exception() or other.result() for other in others]
    finally:
        _region.release()
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [first, *results]


class OneBlasThread:
    """Hold BLAS to one thread: for products too small to share, and while the pool is at work.

    The number of threads is one setting of the whole process, so it is changed by the first thread of the program to
    come in and changed back by the last to leave.
    """

    def __init__(self) -> None:
        self.lock, self.inside, self.before = threading.Lock(), 0, 1
        self.blas: tuple[Callable[[], int], Callable[[int], None]] | None = None  # `openblas`, once it has been asked for

    def __enter__(self) -> None:
        with self.lock:
            if self.inside == 0 and (blas := self.blas or openblas()) is not None:
                self.blas = blas
                self.before = blas[0]()
                if self.before != 1:
                    blas[1](1)
            self.inside += 1

    def __exit__(self, *error: object) -> None:
        with self.lock:
            self.inside -= 1
            if self.inside == 0 and self.before != 1:
                self.blas[1](self.before)  # type: ignore[index]


one_blas_thread = OneBlasThread()


def blas_function(name: str) -> tuple[Any, bool] | None:
    """A function of NumPy's own OpenBLAS, and whether its whole numbers have 64 bits; None where NumPy has another BLAS."""
    try:
        library = ctypes.CDLL(np.linalg._umath_linalg.__file__)  # type: ignore[attr-defined]
    except (AttributeError, OSError):
        return None
    for prefix in ("scipy_", ""):
        for suffix in ("64_", ""):
            found = getattr(library, prefix + name + suffix, None)
            if found is not None:
                return found, bool(suffix)
    return None


@cache
def openblas() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """NumPy's own OpenBLAS as (number of threads, set it), or None where NumPy was built on another BLAS."""
    get, put = blas_function("openblas_get_num_threads"), blas_function("openblas_set_num_threads")
    if get is None or put is None:
        return None
    get[0].restype, put[0].restype, put[0].argtypes = ctypes.c_int, None, [ctypes.c_int]
    return get[0], put[0]


def blas_threads(wanted: int) -> int:
    """Set how many threads BLAS uses, and return how many it used before; does nothing to a BLAS that is not OpenBLAS."""
    found = openblas()
    if found is None:
        return wanted
    get, put = found
    before = get()
    if before != wanted:
        put(wanted)
    return before
