"""Random draws by machine code: the bits, and the places in the stream, of the same draws in NumPy."""

import numpy as np
import pytest

from chainrule.base import gauss, integers, mersenne
from chainrule.base.random import Generator
from chainrule.native import draws, kernels

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")
EXTREME = [0, 1, 3, 0x1FFFFF, 0x800000, 0xFFFFFE, 0xFFFFFF, 0x1000000, 0x80000000, 0xFFF00000, 0xFFFFFFFF]
DRAWS = {
    "uniform": lambda g, n: g.uniform(n),
    "uniform between": lambda g, n: g.uniform(n, np.dtype(np.float32), -1 / 3, 100.0),
    "uniform float64": lambda g, n: g.uniform(n, np.dtype(np.float64)),
    "uniform float16": lambda g, n: g.uniform(n, np.dtype(np.float16), -1.0, 1.0),
    "normal": lambda g, n: g.normal(n),
    "normal of others": lambda g, n: g.normal(n, np.dtype(np.float32), -3.0, 1e-3),
    "normal float16": lambda g, n: g.normal(n, np.dtype(np.float16)),
    "randint": lambda g, n: g.randint(-5, 1000, n),
    "randint int32": lambda g, n: g.randint(0, (1 << 28) - 1, n, np.dtype(np.int32)),
    "randperm": lambda g, n: g.randperm(n),
    "dropout": lambda g, n: g.dropout(0.3, n),
    "bernoulli": lambda g, n: g.bernoulli(0.3, n, np.dtype(np.float32)),
    "multinomial": lambda g, n: g.multinomial(np.linspace(0, 1, 7 * 9, dtype=np.float32).reshape(9, 7), n // 4, True),
}


def words(n):
    random = np.random.default_rng(0).integers(0, 1 << 32, n - len(EXTREME) ** 2, dtype=np.uint32)
    pairs = np.repeat(np.array(EXTREME, np.uint32), len(EXTREME))
    return np.concatenate((pairs, random))


@pytest.mark.parametrize("n", [mersenne.MANY, 10_007, 40_000])
@pytest.mark.parametrize("name", DRAWS)
def test_a_draw_and_the_state_after_it(name, n, monkeypatch):
    ours, theirs = Generator().manual_seed(5), Generator().manual_seed(5)
    for g in (ours, theirs):
        g.uniform(3)  # from within a block
    found = DRAWS[name](ours, n)
    monkeypatch.setattr(mersenne, "machine", None)
    expected = DRAWS[name](theirs, n)
    np.testing.assert_array_equal(found.view(np.uint8), expected.view(np.uint8))
    assert found.dtype == expected.dtype and ours.get_state_bytes() == theirs.get_state_bytes()


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (1.5, 0.7), (-3.0, 1e-3), (0.0, 0.0)])
def test_normals_of_extreme_words(mean, std):
    given = words(1 << 16)
    uniforms = (given & np.uint32(0xFFFFFF)).astype(np.float32) * np.float32(2.0**-24)
    expected = gauss.blocks_of(uniforms, mean, std)
    np.testing.assert_array_equal(draws.normals(given, mean, std).view(np.int32), expected.view(np.int32))


@pytest.mark.parametrize("count", [1, 2, 3, 10, 1000, integers.WIDE - 1])
def test_remainders_of_extreme_words(count):
    given = words(1 << 14)
    np.testing.assert_array_equal(draws.remainders(given, count, -5), (given % np.uint32(count)).astype(np.int64) - 5)


def test_numbers_that_meet_a_share_choose_it():
    shares = np.cumsum(np.full((3, 10), 0.125), 1) / 1.25
    uniforms = np.concatenate((shares, np.zeros((3, 1)), np.full((3, 1), 0.999)), 1)
    expected = [np.searchsorted(s, u) for s, u in zip(shares, uniforms, strict=True)]
    np.testing.assert_array_equal(draws.chosen(shares, uniforms), expected)


def test_many_small_draws_of_normals(monkeypatch):
    ours, theirs = Generator().manual_seed(5), Generator().manual_seed(5)
    rng = np.random.default_rng(0)
    sizes = rng.integers(1, 900, 3 * mersenne.OFTEN).tolist()
    found = [(ours.normal(n), ours.uniform(3)) for n in sizes]
    monkeypatch.setattr(mersenne, "machine", None)
    for n, (normals, uniforms) in zip(sizes, found, strict=True):
        np.testing.assert_array_equal(normals.view(np.int32), theirs.normal(n).view(np.int32))
        np.testing.assert_array_equal(uniforms, theirs.uniform(3))
    assert ours.get_state_bytes() == theirs.get_state_bytes()
