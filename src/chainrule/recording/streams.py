"""Where the streams of random numbers stand: chainrule's own, Python's and NumPy's, each as the hash of its state."""

from __future__ import annotations

import random
import sys

import numpy as np

from ..base.random import STATE, Generator
from ..tensors.random import default_generator
from .store import key_of

OWN = "chainrule"  # the stream that `manual_seed` seeds


def states() -> dict[str, str]:
    """A hash for each stream; NumPy's only if it is in use.

    >>> before = states(); _ = torch.rand(1)
    >>> [name for name, state in states().items() if state != before[name]]
    ['chainrule']
    """
    found = {OWN: of(default_generator), "Python": short(np.array(random.getstate()[1], np.uint64).tobytes())}
    if "numpy.random" in sys.modules:
        _, words, *place = np.random.get_state()  # type: ignore[misc]
        found["NumPy"] = short(np.asarray(words).tobytes() + repr(place).encode())
    return found


def of(generator: Generator) -> str:
    return short(generator.get_state_bytes())


def short(state: bytes) -> str:
    return key_of(state).hex()[:16]


def seed() -> int:
    return default_generator.initial_seed()


def is_fresh(generator: Generator = default_generator) -> bool:
    """Whether nothing was drawn since the seed.

    >>> g = torch.Generator().manual_seed(1)
    >>> is_fresh(g), torch.rand(1, generator=g), is_fresh(g)
    (True, tensor([0.7576]), False)
    """
    _, left, _, used, *_ = STATE.unpack(generator.get_state_bytes())
    return left == 1 and used == 0
