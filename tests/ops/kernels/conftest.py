"""Every kernel is tested as it comes, and cut into the smallest pieces with the pieces shared between two threads."""

import pytest

from chainrule.base import threads
from chainrule.ops.kernels import attention, blocks, columns, correlation, erf, norm, pool


@pytest.fixture(params=["whole", "in pieces"])
def cut(request, monkeypatch):
    if request.param == "whole":
        return
    before = threads.cores()
    threads.use_cores(2)
    request.addfinalizer(lambda: threads.use_cores(before))
    monkeypatch.setattr(threads, "LEAST_WORK", 1)
    monkeypatch.setattr(columns, "COLUMN_BYTES", 600)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 100)
    monkeypatch.setattr(pool, "CHUNK_BYTES", 100)
    monkeypatch.setattr(norm, "CHUNK_BYTES", 100)
    monkeypatch.setattr(attention, "SCORE_BYTES", 100)
    monkeypatch.setattr(erf, "ENTRIES", 7)


@pytest.fixture(params=["by channels", "patches"])
def layout(request, monkeypatch):
    """Convolution picks one of two layouts by the number of channels; patches are for many, so they are forced."""
    if request.param == "patches":
        monkeypatch.setattr(correlation, "MANY_CHANNELS", 1)
