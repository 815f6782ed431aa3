"""Freed memory is kept, not returned to the system: fetching fresh pages costs more than computing what goes into them.

glibc hands large blocks back at once and gets new, unmapped ones for the next array; touching those page by page took
more than half the time of an elementwise operation on ten million numbers. Two of its settings change that.

They are also kept in large pages where the system offers them to programs that ask (Linux's transparent huge pages, of
2 MB). A processor remembers where some thousand pages lie. In pages of 4 KB that is less than what one training step of a
small GPT goes through, which took 5 % longer.
"""

from __future__ import annotations

import sys
from typing import Any

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # from malloc.h
LARGEST = 1 << 30  # bytes; blocks above this still go straight to the system
MADV_HUGEPAGE = 14  # from sys/mman.h
PAGE = 2 << 20
ROOM = 1 << 28  # addresses that the heap is extended by at once; memory is what is written to, no more


def keep_freed_memory() -> bool:
    """Tell the C library to reuse large blocks; False where it has no such setting (then nothing is changed)."""
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt"):
        return False
    kept = bool(library.mallopt(M_MMAP_THRESHOLD, LARGEST)) and bool(library.mallopt(M_TRIM_THRESHOLD, 2 * LARGEST - 1))
    if kept:
        in_large_pages(library)
    return kept


def in_large_pages(library: Any) -> bool:
    """Ask for large pages for what the heap will hold next; False where they can't be had.

    A block is taken and given back so that the heap has addresses for it, which can be asked for before they are used.
    """
    import ctypes

    library.sbrk.restype = library.malloc.restype = ctypes.c_void_p
    library.sbrk.argtypes, library.malloc.argtypes = (ctypes.c_ssize_t,), (ctypes.c_size_t,)
    library.free.argtypes, library.madvise.argtypes = (
        (ctypes.c_void_p,),
        (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int),
    )
    before = library.sbrk(0)
    block = library.malloc(ROOM)
    after = library.sbrk(0)
    library.free(block)
    start, stop = -(-before // PAGE) * PAGE, after // PAGE * PAGE
    return stop > start and library.madvise(start, stop - start, MADV_HUGEPAGE) == 0
