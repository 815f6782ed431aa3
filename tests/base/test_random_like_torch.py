"""Every draw is PyTorch's, entry by entry, and leaves the generator in PyTorch's state, byte by byte.

Both sides draw from generators with the same seed; after each draw values, signs of zeros and states are compared.
"""

import random
import warnings

import numpy as np
import pytest

from chainrule.base.dtypes import by_name
from chainrule.base.random import STATE, Generator

torch = pytest.importorskip("torch")
pytest.importorskip("ml_dtypes")  # bfloat16
if torch.backends.cpu.get_cpu_capability() in ("DEFAULT", "NO AVX"):
    pytest.skip("PyTorch rounds differently on a processor without fused multiply-add", allow_module_level=True)

SIZES = [0, 1, 2, 8, 15, 16, 17, 31, 32, 33, 100, 623, 1000, 10007, 40000]
HALVES, FLOATS, COMPLEX = ["float16", "bfloat16"], ["float32", "float64"], ["complex64", "complex128"]
INTEGERS = ["uint8", "int8", "int16", "int32", "int64"]
EXTREME_WORDS = [0, 1, 3, 0x1FFFFF, 0x800000, 0xFFFFFE, 0xFFFFFF, 0x1000000, 0x80000000, 0xFFF00000, 0xFFFFFFFF]


def t(name):
    return getattr(torch, name)


def ours(name):
    return by_name(name).numpy


def entries(seed, n, dtype, scale=1.0):
    """Numbers in [0, scale) to draw by: the same array for both sides."""
    return (np.random.default_rng(seed).random(n) * scale).astype(ours(dtype))


def tensor(array):
    return torch.from_numpy(array.astype(np.float32)).bfloat16() if array.dtype.kind == "V" else torch.from_numpy(array)


def filled(name, *args):
    """Both sides of a draw that fills n numbers of a dtype: `Tensor.name_(*args)`, and `Generator.name(…, *args)`."""
    return (
        lambda n, d, g: getattr(torch.empty(n, dtype=t(d)), f"{name}_")(*args, generator=g),
        lambda n, d, g: getattr(g, name)(n, ours(d), *args),
    )


REAL = FLOATS + HALVES
WIDE = ["int32", "int64", "float64", "uint64"]
# name: (dtypes, PyTorch's draw, ours); both are called with n, the dtype's name and the generator
DRAWS = {
    "uniform": (REAL + COMPLEX, *filled("uniform")),
    "uniform -0.1 .. 0.1": (REAL, *filled("uniform", -0.1, 0.1)),
    "uniform 0 .. 3": (REAL, *filled("uniform", 0, 3)),
    "uniform -1/3 .. 100": (REAL + COMPLEX, *filled("uniform", -1 / 3, 100)),
    "uniform 1 .. 1 + 1e-6": (REAL, *filled("uniform", 1, 1 + 1e-6)),
    "normal": (REAL + COMPLEX, *filled("normal")),
    "normal 0.3, 0.7": (REAL + COMPLEX, *filled("normal", 0.3, 0.7)),
    "normal -7, 0": (REAL, *filled("normal", -7, 0)),
    "normal with gaps": (
        REAL + COMPLEX,
        lambda n, d, g: torch.empty((n + 2, 2), dtype=t(d))[:, 0].normal_(0.3, 0.7, generator=g),
        lambda n, d, g: g.normal(n + 2, ours(d), 0.3, 0.7, contiguous=False),
    ),
    "log_normal": (REAL, *filled("log_normal", 0.3, 0.7)),
    "exponential": (REAL, *filled("exponential", 1.5)),
    "cauchy": (REAL, *filled("cauchy", 0.1, 1.5)),
    "geometric": (REAL + INTEGERS, *filled("geometric", 0.3)),
    "random": ([*REAL, *INTEGERS, "bool"], *filled("random")),
    "random from 3": ([*REAL, *INTEGERS, "uint16", "uint32"], *filled("random", 3, None)),
    "random from the least": (["int64"], *filled("random", -(2**63), None)),
    "random 2 .. 12": ([*REAL, *INTEGERS, "uint64"], *filled("random", 2, 12)),
    "random 0 .. 2": (["bool"], *filled("random", 0, 2)),
    "random of 2**28 - 1": (["int32", "int64"], *filled("random", -5, 2**28 - 6)),
    "random of 2**28": (WIDE, *filled("random", 0, 2**28)),
    "random of 2**64 - 1": (["int64"], *filled("random", -(2**63), 2**63 - 1)),
    "random beyond the digits": (FLOATS, *filled("random", -(2**25) - 1, 2**27 + 1)),
    "random beyond the digits of a half": (HALVES, *filled("random", -2100, 3001)),
    "randperm": (
        ["int64", "int32", "float64"],
        lambda n, d, g: torch.randperm(n, dtype=t(d), generator=g),
        lambda n, d, g: g.randperm(n, ours(d)),
    ),
    "bernoulli": (
        [*REAL, *INTEGERS, "bool"],
        lambda n, d, g: torch.empty(n, dtype=t(d)).bernoulli_(0.3, generator=g),
        lambda n, d, g: g.bernoulli(0.3, n, ours(d)),
    ),
    "bernoulli of each": (
        REAL,
        lambda n, d, g: torch.bernoulli(tensor(entries(1, n, d)), generator=g),
        lambda n, d, g: g.bernoulli(entries(1, n, d)),
    ),
    "bernoulli of each, for another dtype": (
        ["int64", "bool", "float16"],
        lambda n, d, g: torch.empty(n, dtype=t(d)).bernoulli_(tensor(entries(1, n, "float32")), generator=g),
        lambda n, d, g: g.bernoulli(entries(1, n, "float32"), dtype=ours(d)),
    ),
    "dropout": (
        REAL,
        lambda n, d, g: torch.empty(n, dtype=t(d)).bernoulli_(1 - 0.15, generator=g).div_(1 - 0.15),
        lambda n, d, g: g.dropout(0.15, n, ours(d)),
    ),
    "multinomial with replacement": (
        REAL,
        lambda n, d, g: torch.multinomial(tensor(entries(2, 3000, d).reshape(3, 1000)), n + 2, True, generator=g),
        lambda n, d, g: g.multinomial(entries(2, 3000, d).reshape(3, 1000), n + 2, True),
    ),
    "multinomial": (
        FLOATS,
        lambda n, d, g: torch.multinomial(tensor(entries(3, 2000, d).reshape(2, 1000)), n % 999 + 1, generator=g),
        lambda n, d, g: g.multinomial(entries(3, 2000, d).reshape(2, 1000), n % 999 + 1),
    ),
    "multinomial once": (
        REAL,
        lambda n, d, g: torch.multinomial(tensor(entries(4, n + 1, d) + ours(d).type(0.5)), 1, generator=g),
        lambda n, d, g: g.multinomial(entries(4, n + 1, d) + ours(d).type(0.5), 1),
    ),
    "gamma": (
        FLOATS,
        lambda n, d, g: torch._standard_gamma(tensor(entries(5, n, d, 3)), generator=g),
        lambda n, d, g: g.gamma(entries(5, n, d, 3)),
    ),
    "poisson": (
        REAL,
        lambda n, d, g: torch.poisson(tensor(entries(6, n, d, 20)), generator=g),
        lambda n, d, g: g.poisson(entries(6, n, d, 20)),
    ),
    "binomial": (
        FLOATS,
        lambda n, d, g: torch.binomial(tensor(np.floor(entries(7, n, d, 60))), tensor(entries(8, n, d)), generator=g),
        lambda n, d, g: g.binomial(np.floor(entries(7, n, d, 60)), entries(8, n, d)),
    ),
}
ROWS = [(name, dtype) for name, (dtypes, _, _) in DRAWS.items() for dtype in dtypes]
SLOW = {"gamma", "poisson", "binomial"}  # number by number


def numbers(drawn):
    """A draw of either side as NumPy's floats, integers or complex numbers."""
    if isinstance(drawn, torch.Tensor):
        drawn = drawn.float() if drawn.dtype == torch.bfloat16 else drawn
        return drawn.numpy()
    return drawn.astype(np.float32) if drawn.dtype.kind == "V" else drawn


def check(name, dtype, n, theirs, mine):
    """Draw on both sides and compare."""
    _, torch_draw, our_draw = DRAWS[name]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".* is out of bounds .* Due to precision limitations")
        a, b = numbers(torch_draw(n, dtype, theirs)), numbers(our_draw(n, dtype, mine))
    assert a.dtype == b.dtype and a.shape == b.shape
    np.testing.assert_array_equal(b, a)
    np.testing.assert_array_equal(np.signbit(b.real), np.signbit(a.real))
    assert mine.get_state_bytes() == theirs.get_state().numpy().tobytes()


@pytest.mark.parametrize("name, dtype", ROWS)
def test_every_draw_and_the_state_after_it(name, dtype):
    for n in SIZES:
        if name in SLOW and n > 1000:
            continue
        check(name, dtype, n, torch.Generator().manual_seed(n), Generator().manual_seed(n))


@pytest.mark.parametrize("seed", [0, 1, -1, 2**31, 2**32 + 5, 2**64 - 9])
def test_draws_in_any_order(seed):
    """What one draw leaves, a waiting normal above all, is what the next one finds."""
    order = random.Random(seed)
    theirs, mine = torch.Generator().manual_seed(seed), Generator().manual_seed(seed)
    for _ in range(150):
        name, dtype = order.choice(ROWS)
        check(name, dtype, order.choice([0, 1, 2, 3, 5, 15, 16, 17, 40, 300, 700]), theirs, mine)


@pytest.mark.parametrize("seed", range(3))
def test_states_go_from_one_to_the_other(seed):
    theirs, mine = torch.Generator().manual_seed(seed), Generator()
    for step in range(5):
        torch.randn(step * 3 + 5, generator=theirs)
        mine.set_state_bytes(theirs.get_state().numpy().tobytes())
        check("normal with gaps", "float64", 7, theirs, mine)
        theirs.set_state(torch.frombuffer(bytearray(mine.get_state_bytes()), dtype=torch.uint8))
        check("randperm", "int64", 500, theirs, mine)


def untempered(word):
    """The state word that the Mersenne Twister's output function turns into ``word``."""
    word ^= word >> 18
    word ^= word << 15 & 0xEFC60000
    seven = word
    for _ in range(4):
        seven = word ^ (seven << 7 & 0x9D2C5680)
    eleven = seven
    for _ in range(2):
        eleven = seven ^ eleven >> 11
    return eleven & 0xFFFFFFFF


@pytest.mark.parametrize("name, dtype", [row for row in ROWS if row[0] not in SLOW | {"multinomial"}])
def test_the_rarest_words(name, dtype):
    """Uniform numbers of 0, of the least and of the greatest above it: logarithms of 0, zeros with a sign, ends.

    Not for multinomial: many quotients are then equal, and PyTorch sorts equal ones in no particular order.
    """
    rng = np.random.default_rng(5)
    words = [untempered(int(w)) for w in rng.choice(EXTREME_WORDS, 624)]
    for waits in (0, 1):
        state = STATE.pack(5, 624, 1, 1, np.array(words, "<u8").tobytes(), 0.0, 0.25 * waits, 0.0, waits, 0.0, False)
        theirs = torch.Generator()
        theirs.set_state(torch.frombuffer(bytearray(state), dtype=torch.uint8))
        for n in (3, 15, 16, 37, 60):
            check(name, dtype, n, theirs, Generator().set_state_bytes(theirs.get_state().numpy().tobytes()))


@pytest.mark.parametrize("dtype", FLOATS)
def test_dirichlet(dtype):
    """The sum is added up in another order than PyTorch's: the last bits of a share may differ."""
    theirs, mine = torch.Generator().manual_seed(1), Generator().manual_seed(1)
    for shape in [(3,), (50, 2), (4, 5, 20)]:
        a = entries(9, int(np.prod(shape)), dtype, 2).reshape(shape)
        expected = torch._sample_dirichlet(tensor(a), generator=theirs).numpy()
        np.testing.assert_allclose(mine.dirichlet(a), expected, rtol=4 * np.finfo(expected.dtype).eps)
        assert mine.get_state_bytes() == theirs.get_state().numpy().tobytes()


def test_large_draws():
    theirs, mine = torch.Generator().manual_seed(12), Generator().manual_seed(12)
    for name in ("uniform", "normal", "dropout", "exponential"):
        check(name, "float32", 1_000_003, theirs, mine)
    check("randperm", "int64", 300_000, theirs, mine)
