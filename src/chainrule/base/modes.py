"""Switches that hold for one thread: is a graph being recorded, what is recording it.

Read on every operation, so they are plain attributes of one thread-local object.
"""

from __future__ import annotations

import threading


class Modes(threading.local):
    """The switches of the running thread; each thread starts with these defaults."""

    grad = True  # record the graph (torch.no_grad turns it off)
    inference = False  # results are inference tensors (torch.inference_mode)


modes = Modes()
