"""Freed memory is kept: a second large array takes the place of the first."""

import sys

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
