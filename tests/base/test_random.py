"""The random generator by itself: known values (PyTorch 2.13's, seed 2026), its state, its place, its errors.

What PyTorch draws in many more cases is compared in test_random_like_torch.py.
"""

import copy
import math
import pickle
import threading
import zlib

import numpy as np
import pytest

from chainrule.base import integers
from chainrule.base.dtypes import bfloat16, float64
from chainrule.base.mersenne import Words
from chainrule.base.random import DEFAULT_SEED, STATE, Generator
from tests.architecture.tree import fresh

WEIGHTS = np.array([[1, 2, 3, 0, 4], [5, 0, 0, 1, 1]], np.float32)
MEANS = np.arange(1, 301, dtype=np.float32) / 8

# The draw; its entries 1, 2 and 3; the checksum of its bytes, or where the C library's functions have a part in it
# the sum of its magnitudes; and the checksum of the state without the waiting normal, so of the place in the stream.
# fmt: off
KNOWN = {
    "uniform": (lambda g: g.uniform(1000),
        [0.251915336, 0.731004357, 0.064265728], 0xc4bbd310, 0x2144cbe0),
    "uniform_float64": (lambda g: g.uniform(1000, np.float64),
        [0.8480353170340242, 0.14945123809301608, 0.06519971229302124], 0x8c28e739, 0x063ae9aa),
    "uniform_float16": (lambda g: g.uniform(1000, np.float16),
        [0.251953125, 0.730957031, 0.0642700195], 0x4c7d32e2, 0x2144cbe0),
    "uniform_complex": (lambda g: g.uniform(1000, np.complex64),
        [0.7310043573379517 + 0.06426572799682617j], 0xab37faa1, 0x063ae9aa),
    "uniform_between": (lambda g: g.uniform(1000, np.float32, -0.1, 0.2),
        [-0.0244253986, 0.119301312, -0.0807202831], 0x8e794a07, 0x2144cbe0),
    "uniform_between_float64": (lambda g: g.uniform(1000, np.float64, -0.1, 0.2),
        [0.1544105951102073, -0.05516462857209518, -0.08044008631209364], 0x392a113d, 0x063ae9aa),
    "normal_few": (lambda g: g.normal(5),
        [1.90646017, 0.216864914, 0.296334863], 3.80120206, 0xdd6772f8),
    "normal": (lambda g: g.normal(1000),
        [0.729639828, 0.624166906, 0.122534767], 0x9ee1e56c, 0x3a618a94),
    "normal_tail": (lambda g: g.normal(1001),
        [0.729639828, 0.624166906, 0.122534767], 0x2a734c09, 0x2dd704ec),
    "normal_of_mean": (lambda g: g.normal(1001, np.float32, 1.0, 0.3),
        [1.21889198, 1.18725014, 1.03676045], 0xc2c816b8, 0x2dd704ec),
    "normal_float16": (lambda g: g.normal(1001, np.float16),
        [0.729492188, 0.624023438, 0.122558594], 0xb8402005, 0x9056eadd),
    "normal_float64": (lambda g: g.normal(1001, np.float64),
        [1.830765433429246, -0.5602360247713452, -0.17197633851272542], 823.61806, 0x30d3ac86),
    "normal_with_gaps": (lambda g: g.normal(1001, contiguous=False),
        [1.90646017, 0.216864914, 0.296334863], 801.080536, 0xa91ac927),
    "log_normal": (lambda g: g.log_normal(1001, np.float32, 0.0, 1.0),
        [6.72922659, 1.24217629, 1.3449204], 1700.13095, 0xa91ac927),
    "exponential": (lambda g: g.exponential(1000, np.float32, 2.0),
        [0.942053556, 0.0809367672, 0.0337111838], 503.58314, 0x063ae9aa),
    "cauchy": (lambda g: g.cauchy(1000, np.float32, 1.0, 2.0),
        [4.86604357, -2.94200683, -8.62721252], 18437.749, 0x063ae9aa),
    "geometric": (lambda g: g.geometric(1000, np.int64, 0.3),
        [1, 6, 8], 0xec60db6e, 0x063ae9aa),
    "randint": (lambda g: g.randint(0, 10, 1000),
        [4, 8, 6], 0x4ce1cb16, 0x2144cbe0),
    "randint_wide": (lambda g: g.randint(-5, 2**28 - 5, 1000),
        [101741491, 108960072, 83901039], 0x2007b240, 0x063ae9aa),
    "random_bool": (lambda g: g.random(1000, np.bool_),
        [False, False, False], 0xd2016d37, 0x2144cbe0),
    "random_uint8": (lambda g: g.random(1000, np.uint8),
        [134, 26, 184], 0x97165732, 0x2144cbe0),
    "random_int64": (lambda g: g.random(1000),
        [7618721793331721144, 8792372609707579725, 1639897531162835572], 0x4855aad6, 0x063ae9aa),
    "random_float32": (lambda g: g.random(1000, np.float32),
        [4226242.0, 12264113.0, 1077954.0], 0xddd403be, 0x2144cbe0),
    "random_from": (lambda g: g.random(1000, np.int32, 7),
        [1045192582, 583110229, 1939697702], 0x56ec4577, 0x063ae9aa),
    "randperm_few": (lambda g: g.randperm(20),
        [7, 16, 3], 0x33be2309, 0xfaf1e9f1),
    "randperm": (lambda g: g.randperm(5000),
        [4418, 1732, 1789], 0x9e73e3c8, 0x4d570b5f),
    "bernoulli": (lambda g: g.bernoulli(0.3, 1000),
        [0.0, 1.0, 1.0], 0x5b39fe59, 0x063ae9aa),
    "bernoulli_array": (lambda g: g.bernoulli(np.arange(1024, dtype=np.float32) / 1024),
        [0.0, 0.0, 0.0], 0x1aa7dccb, 0x304f0b1c),
    "bernoulli_array_float64": (lambda g: g.bernoulli(np.arange(1024) / 1024),
        [0.0, 0.0, 0.0], 0x2cd117e6, 0x3d61cda8),
    "dropout": (lambda g: g.dropout(0.3, 1000),
        [0.0, 1.42857146, 1.42857146], 0xf92efb9e, 0x063ae9aa),
    "multinomial_again": (lambda g: g.multinomial(WEIGHTS, 500, True),
        [4, 1, 0], 0x17f2c6a2, 0x063ae9aa),
    "multinomial": (lambda g: g.multinomial(WEIGHTS, 2),
        [4, 4, 0], 0x9cf88a60, 0xefccc7eb),
    "multinomial_once": (lambda g: g.multinomial(WEIGHTS[0], 1),
        [], 0x2707d814, 0xdfecd29a),
    "gamma": (lambda g: g.gamma(MEANS),
        [0.0159189925, 0.0206037145, 0.623154938], 5608.76109, 0x3cb50c99),
    "dirichlet": (lambda g: g.dirichlet(MEANS.reshape(100, 3)),
        [0.0835903287, 0.108189732, 0.17470561], 99.9999997, 0x3cb50c99),
    "poisson": (lambda g: g.poisson(MEANS),
        [1.0, 0.0, 0.0], 0x430a46ca, 0xbf1a1d91),
    "binomial": (lambda g: g.binomial(np.floor(MEANS), MEANS / 64),
        [0.0, 0.0, 0.0], 0x688ab477, 0x367f77be),
}
# fmt: on


def place(generator):
    """The checksum of seed and place; what follows in the state is the waiting normal."""
    return zlib.crc32(generator.get_state_bytes()[:5016])


@pytest.mark.parametrize("name", KNOWN)
def test_known_values(name):
    draw, first, check, after = KNOWN[name]
    g = Generator().manual_seed(2026)
    drawn = draw(g)
    np.testing.assert_allclose(drawn.ravel()[1 : 1 + len(first)], first, rtol=2e-6, atol=0)
    if isinstance(check, int):
        assert zlib.crc32(drawn.tobytes()) == check
    else:
        assert np.abs(drawn.astype(np.float64)).sum() == pytest.approx(check, rel=1e-6)
    assert place(g) == after


def test_state_has_the_layout_of_torch():
    """Seed, left, seeded, next; after the words normal_x, normal_y, normal_rho and whether normal_y waits."""
    g = Generator().manual_seed(-5)
    g.uniform(700)
    g.normal(3)
    state = g.get_state_bytes()
    seed, left, seeded, used, _, x, waiting, rho, waits, *unused = STATE.unpack(state)
    assert (len(state), seed, left, seeded, used) == (5056, 2**64 - 5, 541, 1, 84)
    assert (x, rho, waits, unused) == (0, 0, 1, [0, False])
    assert waiting == pytest.approx(0.24367207786517514, rel=1e-15)


def test_state_of_a_new_seed_has_no_block_yet():
    state = Generator().manual_seed(1).get_state_bytes()
    assert STATE.unpack(state)[:4] == (1, 1, 1, 0)
    assert np.frombuffer(state, "<u8", 2, offset=24).tolist() == [1, 1812433254]


@pytest.mark.parametrize("used", [0, 1, 3, 623, 624, 625, 1248, 2000])
@pytest.mark.parametrize("normals", [0, 1, 2])
def test_state_continues_where_it_was_taken(used, normals):
    g = Generator().manual_seed(3)
    g.uniform(used)
    g.normal(normals)
    state = g.get_state_bytes()
    expected = g.normal(5), g.uniform(700), g.randperm(9)
    other = Generator().manual_seed(8)
    other.normal(1)
    other.set_state_bytes(state)
    assert other.get_state_bytes() == state
    assert other.initial_seed() == 3
    for a, b in zip(expected, (other.normal(5), other.uniform(700), other.randperm(9)), strict=True):
        np.testing.assert_array_equal(a, b)


def test_fields_that_no_draw_uses_survive():
    state = bytearray(Generator().get_state_bytes())
    state[5048:5053] = b"\x00\x00\x80\x3f\x01"
    assert Generator().set_state_bytes(bytes(state)).get_state_bytes() == state


def pickled(generator):
    return pickle.loads(pickle.dumps(generator))


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickled, Generator.clone_state])
def test_a_copy_goes_its_own_way_from_the_same_place(copied):
    g = Generator().manual_seed(11)
    g.normal(3)
    twin = copied(g)
    assert twin is not g and twin.get_state_bytes() == g.get_state_bytes()
    first = g.normal(40)
    np.testing.assert_array_equal(first, twin.normal(40))


def test_seeds():
    assert Generator().initial_seed() == DEFAULT_SEED == 67280421310721
    g = Generator()
    assert g.manual_seed(4) is g
    assert g.manual_seed(-1).initial_seed() == 2**64 - 1
    assert g.manual_seed(-(2**63)).initial_seed() == 2**63
    assert g.manual_seed(np.int64(7)).initial_seed() == 7
    assert g.seed() == g.initial_seed() != g.seed()
    np.testing.assert_array_equal(g.manual_seed(5).uniform(3), g.manual_seed(5 + 2**32).uniform(3))


def test_the_default_stream_starts_from_the_systems_entropy():
    """In a process of its own: other tests seed this one's."""
    code = "from chainrule.base.random import default_generator as g; print(g.initial_seed())"
    assert fresh("-c", code) != fresh("-c", code)


def test_a_new_seed_forgets_the_waiting_normal():
    g = Generator().manual_seed(0)
    g.normal(1)
    np.testing.assert_array_equal(g.manual_seed(0).normal(3), Generator().manual_seed(0).normal(3))


def test_the_device_is_the_cpu():
    assert str(Generator().device) == "cpu"
    with pytest.raises(AssertionError, match="Torch not compiled with CUDA enabled"):
        Generator("cuda")


@pytest.mark.parametrize("sizes", [[5, 619, 1, 624, 1300, 0, 3], [1] * 1300, [2552]])
def test_words_do_not_depend_on_how_they_are_taken(sizes):
    expected = np.random.RandomState(9).randint(0, 2**32, 2600, np.uint32)[: sum(sizes)]
    words = Words(9)
    np.testing.assert_array_equal(np.concatenate([words.take(n) for n in sizes]), expected)


@pytest.mark.parametrize("skipped", [0, 1, 622, 623])
def test_doubles_one_by_one_are_doubles(skipped):
    one, many = Words(2), Words(2)
    one.take(skipped), many.take(skipped)
    assert [one.double() for _ in range(400)] == many.doubles(400).tolist()
    np.testing.assert_array_equal(one.take(5), many.take(5))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 17, 299, 300, 301, 1000])
def test_permutations_are_exchanges_in_turn(n):
    order, words = list(range(n)), Words(n).take(max(n - 1, 0)).tolist()
    for i, word in enumerate(words):
        j = i + word % (n - i)
        order[i], order[j] = order[j], order[i]
    assert integers.permutation(Words(n), n).tolist() == order


@pytest.mark.parametrize("n", [1, 2, 3, 17, 299, 300, 301, 1000])
def test_long_permutations_insert_in_turn(n):
    """What PyTorch does from 214 748 364 entries on, here for a few."""
    order, words = [0] * n, Words(n).take64(n).tolist()
    for i, word in enumerate(words):
        order[i], order[word % (i + 1)] = order[word % (i + 1)], i
    assert integers.long_permutation(Words(n), n).tolist() == order


def test_shapes_and_dtypes():
    g = Generator().manual_seed(0)
    assert g.uniform(()).shape == () and g.uniform((2, 0, 3)).shape == (2, 0, 3) and g.normal((4, 5)).shape == (4, 5)
    assert g.uniform(2).dtype == g.normal(20).dtype == g.bernoulli(0.5, 2).dtype == np.float32  # the default dtype
    assert g.uniform(2, float64).dtype == g.normal(2, float).dtype == np.float64
    assert g.uniform(40000, np.complex128).shape == (40000,)
    assert g.randint(0, 5, (2, 3)).dtype == g.randperm(3).dtype == np.int64
    assert g.bernoulli(np.full((2, 3), 0.5, np.float16)).dtype == np.float16
    assert g.multinomial(WEIGHTS, 2).shape == (2, 2)
    assert g.multinomial(np.empty((0, 3), np.float32), 2, True).shape == (0, 2)


def test_bfloat16():
    pytest.importorskip("ml_dtypes")
    g = Generator().manual_seed(2026)
    drawn = g.uniform(1000, bfloat16)
    assert drawn.dtype == bfloat16.numpy and drawn.astype(float).max() < 1  # what rounds up to 1 becomes 0
    assert g.normal(20, bfloat16).dtype == g.exponential(2, bfloat16).dtype == bfloat16.numpy


def test_dropout_scales_what_it_keeps_and_draws_nothing_at_the_ends():
    g = Generator().manual_seed(1)
    before = g.get_state_bytes()
    assert g.dropout(0.0, 3).tolist() == [1, 1, 1] and g.dropout(1.0, 3).tolist() == [0, 0, 0]
    assert g.get_state_bytes() == before
    assert set(g.dropout(0.15, 100).tolist()) == {0.0, float(np.float32(1) / np.float32(0.85))}


def test_threads_share_a_stream_without_loss():
    g, parts = Generator().manual_seed(4), []

    def draw():
        parts.extend(g.random(7).tolist() for _ in range(300))

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = Generator().manual_seed(4).random(7 * 1200).reshape(-1, 7).tolist()
    assert sorted(parts) == sorted(expected)


def test_numpy_random_is_imported_for_the_first_draw_only():
    program = """
import sys
from chainrule.base.random import default_generator
default_generator.manual_seed(0)
print("numpy.random" in sys.modules)
default_generator.uniform(1)
print("numpy.random" in sys.modules)
"""
    assert fresh("-c", program).split() == ["False", "True"]


f32 = np.zeros(1, np.float32)
ERRORS = [
    (lambda g: g.manual_seed(1.5), RuntimeError, "manual_seed expected a long, but got float"),
    (lambda g: g.manual_seed(True), RuntimeError, "manual_seed expected a long, but got bool"),
    (lambda g: g.manual_seed(2**64), ValueError, "Overflow when unpacking long long"),
    (lambda g: g.set_state_bytes(bytes(7)), RuntimeError, "size 5056 but found the input RNG state size to be 7"),
    (lambda g: g.set_state_bytes(bytes(5056)), RuntimeError, "Invalid mt19937 state"),
    (lambda g: g.uniform((2, -3)), RuntimeError, r"Trying to create tensor with negative dimension -3: \[2, -3\]"),
    (lambda g: g.uniform(2, np.int64), NotImplementedError, "\"check_uniform_bounds\" not implemented for 'Long'"),
    (lambda g: g.uniform(2, low=2, high=1), RuntimeError, r"return a \[from, to\) range, but found from=2 > to=1"),
    (lambda g: g.uniform(2, high=math.nan), RuntimeError, "to is out of bounds for float"),
    (lambda g: g.uniform(2, np.float16, -7e4), RuntimeError, "from is out of bounds for c10::Half"),
    (lambda g: g.uniform(2, low=-3e38, high=3e38), RuntimeError, "uniform_ expects to-from <= .*<Float>::max"),
    (lambda g: g.normal(2, np.int32), NotImplementedError, "\"normal_kernel_cpu\" not implemented for 'Int'"),
    (lambda g: g.normal(2, std=-1), RuntimeError, "normal expects std >= 0.0, but found std -1"),
    (lambda g: g.log_normal(2, std=0), RuntimeError, "log_normal_ expects std > 0.0, but found std=0"),
    (lambda g: g.log_normal(2, np.complex64), NotImplementedError, "\"log_normal_cpu\" not .* 'ComplexFloat'"),
    (lambda g: g.exponential(2, rate=-1), RuntimeError, "exponential_ expects lambda > 0.0, but found lambda=-1"),
    (lambda g: g.exponential(2, np.int8), RuntimeError, "Exponential distribution is .* but you specified Char"),
    (lambda g: g.cauchy(2, sigma=math.nan), RuntimeError, "cauchy_ expects sigma > 0.0, but found sigma=nan"),
    (lambda g: g.cauchy(2, np.int64), RuntimeError, "Cauchy distribution is .* but you specified long int"),
    (lambda g: g.geometric(2, p=1), RuntimeError, r"geometric_ expects p to be in \(0, 1\), but got p=1"),
    (lambda g: g.geometric(2, bool), NotImplementedError, "\"geometric_cpu\" not implemented for 'Bool'"),
    (lambda g: g.randint(3, 3, 2), RuntimeError, "'from' to be less than 'to', but got from=3 >= to=3"),
    (lambda g: g.randint(-1, 3, 2, np.uint8), RuntimeError, "from is out of bounds for unsigned char"),
    (lambda g: g.randint(0, 3, 2, np.bool_), RuntimeError, "to - 1 is out of bounds for bool"),
    (lambda g: g.random(2, np.uint16), NotImplementedError, "\"random_kernel_cpu\" not implemented for 'UInt16'"),
    (lambda g: g.randperm(-1), RuntimeError, "Trying to create tensor with negative dimension -1"),
    (lambda g: g.randperm(2, np.bool_), NotImplementedError, "\"randperm\" not implemented for 'Bool'"),
    (lambda g: g.randperm(257, np.uint8), RuntimeError, "value cannot be converted to type uint8_t without overflow"),
    (lambda g: g.randperm(2050, np.float16), RuntimeError, "n cannot be greater than 2049 for Half type"),
    (lambda g: g.randperm(2**24 + 2, np.float32), RuntimeError, r"n cannot be greater than 2\^24\+1 for Float type"),
    (lambda g: g.bernoulli(1.5, 2), RuntimeError, r"bernoulli_ expects p to be in \[0, 1\], but got p=1.5"),
    (lambda g: g.bernoulli(f32 + 2), RuntimeError, "Expected p_in >= 0 && p_in <= 1 to be true, but got false"),
    (lambda g: g.bernoulli(f32 * math.nan), RuntimeError, "Expected p_in >= 0 && p_in <= 1 to be true"),
    (lambda g: g.bernoulli(np.ones(2, int)), NotImplementedError, "\"bernoulli_tensor_cpu_p_\" not .* 'Long'"),
    (lambda g: g.bernoulli(0.5, 2, np.complex64), NotImplementedError, "\"bernoulli_scalar_cpu_\" not implemented"),
    (lambda g: g.dropout(1.5, 2), ValueError, "dropout probability has to be between 0 and 1, but got 1.5"),
    (lambda g: g.multinomial(WEIGHTS[None], 1), RuntimeError, "prob_dist must be 1 or 2 dim"),
    (lambda g: g.multinomial(np.ones(3, int), 1), RuntimeError, "multinomial only supports floating.*got: Long"),
    (lambda g: g.multinomial(WEIGHTS, 0), RuntimeError, "cannot sample n_sample <= 0 samples"),
    (lambda g: g.multinomial(WEIGHTS, 6), RuntimeError, r"n_sample > prob_dist.size\(-1\) samples without replacement"),
    (lambda g: g.multinomial(-WEIGHTS, 1), RuntimeError, "contains either `inf`, `nan` or element < 0"),
    (lambda g: g.multinomial(-WEIGHTS, 2, True), RuntimeError, "encountering probability entry < 0"),
    (lambda g: g.multinomial(WEIGHTS + np.inf, 2, True), RuntimeError, "probability entry = infinity or NaN"),
    (lambda g: g.multinomial(WEIGHTS * 0, 2), RuntimeError, r"\(sum of probabilities <= 0\)"),
    (lambda g: g.multinomial(np.broadcast_to(f32, 2**24 + 1), 1), RuntimeError, r"categories cannot exceed 2\^24"),
    (lambda g: g.gamma(f32 - 1), RuntimeError, "expected every concentration to be non-negative, but got -1.0"),
    (lambda g: g.gamma(f32 * math.nan), RuntimeError, "expected every concentration to be non-negative, but got nan"),
    (lambda g: g.gamma(f32.astype(np.float16)), NotImplementedError, "\"gamma_cpu\" not implemented for 'Half'"),
    (lambda g: g.dirichlet(f32.astype(int)), NotImplementedError, "\"dirichlet\" not implemented for 'Long'"),
    (lambda g: g.poisson(f32 - 1), RuntimeError, "invalid Poisson rate, expected rate to be non-negative"),
    (lambda g: g.poisson(f32 + np.inf), RuntimeError, "expected a finite rate, but got inf"),
    (lambda g: g.binomial(f32.astype(int), f32), ValueError, "binomial only supports .* for count, got: Long"),
    (lambda g: g.binomial(f32, f32.astype(int)), ValueError, "binomial only supports .* for prob, got: Long"),
]


@pytest.mark.parametrize("draw, kind, text", ERRORS, ids=[f"{i}-{row[2][:30]}" for i, row in enumerate(ERRORS)])
def test_errors_say_what_torch_says_and_draw_nothing(draw, kind, text):
    g = Generator().manual_seed(0)
    before = g.get_state_bytes()
    with pytest.raises(kind, match=text):
        draw(g)
    assert g.get_state_bytes() == before


def test_whole_numbers_that_a_float_dtype_lacks_are_warned_of():
    g = Generator().manual_seed(0)
    with pytest.warns(UserWarning, match=r"to - 1 is out of bounds \[-\(2\^24\), 2\^24\].* float can support"):
        g.randint(0, 2**25, 2, np.float32)
