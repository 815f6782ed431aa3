"""How ops are read on symbols whose own code can't be: those that work on memory, or through tables of entries.

Each reading says its formula, and is held by tests to the op itself.
"""

# ruff: noqa: F401  (each registers its readings)

from . import (
    attention,
    convolutions,
    functions,
    losses,
    norms,
    picking,
    pooling,
    products,
    recurrent,
    reductions,
    shapes,
    updates,
)
