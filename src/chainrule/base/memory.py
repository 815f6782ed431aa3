"""Freed memory is kept, not returned to the system: fetching fresh pages costs more than computing what goes into them.

glibc hands large blocks back at once and gets new, unmapped ones for the next array; touching those page by page took
more than half the time of an elementwise operation on ten million numbers. Two of its settings change that.
"""

from __future__ import annotations

import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # from malloc.h
LARGEST = 1 << 30  # bytes; blocks above this still go straight to the system


def keep_freed_memory() -> bool:
    """Tell the C library to reuse large blocks; False where it has no such setting (then nothing is changed)."""
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt"):
        return False
    return bool(library.mallopt(M_MMAP_THRESHOLD, LARGEST)) and bool(library.mallopt(M_TRIM_THRESHOLD, 2 * LARGEST - 1))
