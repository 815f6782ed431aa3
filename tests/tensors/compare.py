"""`check` of tests.ops.against, imported when a test asks for it, so that what needs no PyTorch in the same file runs without."""

import numpy as np


def check(function, arrays, **how):
    """Skips the test where there is no PyTorch to compare with."""
    from tests.ops import against

    against.check(function, arrays, **how)


def normal(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).normal(size=shape)
