"""Inputs drawn at random: inside an op's domain, or as a case's specification says."""

import operator
import re
import zlib

import numpy as np

COMPARISONS = {"<": operator.lt, ">": operator.gt}


def seeded(name: str) -> np.random.Generator:
    """A generator that depends on the name alone, so that a test can be run by itself."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def bounds(domain: str, name: str) -> tuple[float, float]:
    """The interval in which an input may lie.

    >>> bounds("-0.9 < x < 0.9", "x"), bounds("a > 0.1, b > 0.5", "b"), bounds("b > 0.5", "a")
    ((-0.9, 0.9), (0.5, 2.0), (-2.0, 2.0))
    """
    low, high = -2.0, 2.0
    for condition in domain.split(","):
        if match := re.fullmatch(rf"\s*(\S+) < {name} < (\S+)\s*", condition):
            return float(match[1]), float(match[2])
        if match := re.fullmatch(rf"\s*{name} > (\S+)\s*", condition):
            low = float(match[1])
        elif match := re.fullmatch(rf"\s*{name} < (\S+)\s*", condition):
            high = float(match[1])
    return low, max(high, low + 1.5)


def entries(op, name, place, shape, rng):
    """One input of an elementwise op, drawn from its domain, in the best dtype that the op takes."""
    if place in op.apart:
        return rng.random(shape) < 0.5
    if "f" in op.takes:
        return rng.uniform(*bounds(op.domain, name), shape)
    return rng.integers(1, 20, shape) if "i" in op.takes else rng.random(shape) < 0.5
