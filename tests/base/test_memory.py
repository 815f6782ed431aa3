"""Freed memory is kept: a second large array takes the place of the first."""

import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

from chainrule.base import memory


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a setting of glibc")
def test_a_large_block_is_used_again():
    if not memory.keep_freed_memory():
        pytest.skip("this C library has no such setting")
    size = 64 << 20

    def place():
        return np.ones(size, np.uint8).__array_interface__["data"][0]

    place()
    assert place() == place()


def test_elsewhere_nothing_is_changed(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert memory.keep_freed_memory() is False


IN_LARGE_PAGES = """
import re
import numpy as np
import chainrule

address = [np.ones(1 << 20, np.uint8) for _ in range(32)][-1].__array_interface__["data"][0]
regions = re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", open("/proc/self/smaps").read(), flags=re.M)[1:]
(region,) = [r for r in regions if int(r.split("-")[0], 16) <= address < int(r.split("-")[1].split()[0], 16)]
print(re.search("VmFlags:.*", region)[0])
"""


@pytest.mark.skipif(not Path("/sys/kernel/mm/transparent_hugepage/enabled").exists(), reason="a setting of Linux")
def test_arrays_lie_where_large_pages_are_asked_for():
    if not memory.keep_freed_memory():
        pytest.skip("this C library has no such setting")
    found = subprocess.run([sys.executable, "-c", IN_LARGE_PAGES], capture_output=True, text=True, check=True)
    assert "hg" in found.stdout.split()


def test_a_heap_that_cannot_grow_stays_as_it_is():
    class Library:
        """One whose heap stays where it is."""

        def __init__(self):
            self.sbrk, self.malloc = Mock(return_value=5 << 20), Mock(return_value=None)
            self.free, self.madvise = Mock(), Mock()

    library = Library()
    assert memory.in_large_pages(library) is False
    library.madvise.assert_not_called()
