"""Switches that hold for one thread: is a graph being recorded, what is recording it.

Read on every operation, so they are plain attributes of one thread-local object.
"""

from __future__ import annotations

import threading
from typing import Any


class Modes(threading.local):
    """The switches of the running thread; each thread starts with these defaults."""

    grad: bool  # record the graph (torch.no_grad turns it off)
    inference = False  # results are inference tensors (torch.inference_mode)
    off: Any = None  # where set_grad_enabled(False) was last called: (code, offset), see `trail.py`
    packers: tuple[tuple[Any, Any], ...] = ()  # saved-tensor hooks (pack, unpack), the innermost last
    partial = 0  # backward passes at work that only go to some inputs (autograd.grad, backward(inputs=…))
    no_packers = ""  # why saved-tensor hooks are refused, where they are

    def __init__(self) -> None:  # called in each thread
        self.grad = True  # in its table: who switches it, and back, looks for that once (`modes.__dict__`)


modes = Modes()
