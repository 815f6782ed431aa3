"""The random generator: every draw of PyTorch's CPU generator, from the same seed, to the same word of the stream.

    >>> g = Generator().manual_seed(0)
    >>> g.uniform(3), g.normal(2)
    (array([0.4962566 , 0.7682218 , 0.08847743], dtype=float32), array([0.3643382 , 0.13439633], dtype=float32))

A draw returns a new array in C order. Shapes are integers or tuples of them; dtypes NumPy's or chainrule's. What
several draws in turn give depends on how many words each consumes, which is noted with each.

The files below this one: `mersenne` (the stream), `gauss` (normal numbers), `integers` (whole numbers and
permutations), `multinomial` (choices), `samplers` (gamma, Poisson, binomial), `rounding` (fused multiply-add),
`draw_arguments` (what can be drawn, and the errors). Integers, masks and uniform numbers are PyTorch's bit for bit.
So are normal and other numbers, as far as the C library's logarithms and the like are; dirichlet's last bits differ.
"""

from __future__ import annotations

import math
import os
import struct
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from . import draw_arguments as arguments
from . import gauss, integers, multinomial, samplers
from .device import check as check_device
from .draw_arguments import Shape, dtype_for, real_of, size_of
from .errors import message
from .layout import laid_out_like
from .mersenne import BLOCK, Words, by_machine
from .rounding import by_libm, fma32, fma64

DEFAULT_SEED = 67280421310721  # of a new Generator, as in PyTorch; the default generator's own is of the system
PART = 32768  # numbers made at a time: a part stays in the processor's cache
# PyTorch's state: seed, left, seeded, next, 624 words, three doubles (the second: the normal that waits), whether one waits;
# then a float32 normal that no draw on the CPU uses, and whether it waits.
STATE = struct.Struct("<QiiQ4992sdddi4xf?3x")


class Generator:
    """A stream of random numbers with its own seed and place.

    >>> a, b = Generator().manual_seed(7), Generator().manual_seed(7)
    >>> bool((a.uniform(1000) == b.uniform(1000)).all()), a.get_state_bytes() == b.get_state_bytes()
    (True, True)
    """

    def __init__(self, device: Any = "cpu") -> None:
        self.device = check_device(device)
        self._lock = threading.RLock()
        self._seed = DEFAULT_SEED
        self._words = Words(DEFAULT_SEED)
        self._waiting: float | None = None  # the second normal of a pair, for the next draw
        self._unused = (0.0, False)

    # --- seed and state -------------------------------------------------------------------------------------------

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream that belongs to ``seed``, any integer from -2⁶³ to 2⁶⁴ - 1; negative ones count from 2⁶⁴.

        Only the low 32 bits of the seed choose the stream: that many different streams there are.
        """
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
            raise RuntimeError(
                message(
                    f"manual_seed expected a long, but got {type(seed).__name__}",
                    "a seed is an integer",
                    "manual_seed(0)",
                )
            )
        seed = int(seed)
        if not -(1 << 63) <= seed < 1 << 64:
            raise ValueError(
                message("Overflow when unpacking long long", f"the seed {seed} has more than 64 bits", "seed % 2**64")
            )
        with self._lock:
            self._seed = seed % (1 << 64)
            self._words.restart(self._seed)
            self._waiting = None
        return self

    def seed(self) -> int:
        """Start at a seed from the system's entropy, and return that seed."""
        self.manual_seed(int.from_bytes(os.urandom(8), "little"))
        return self._seed

    def initial_seed(self) -> int:
        """The seed of the present stream."""
        return self._seed

    def get_state_bytes(self) -> bytes:
        """The seed, the place in the stream and the waiting normal: the 5056 bytes of PyTorch's ``get_state``."""
        with self._lock:
            key, used = self._words.place()
            left = BLOCK + 1 - used if used else 1
            waiting, waits = self._waiting, self._waiting is not None
            return STATE.pack(
                self._seed, left, 1, used, key.astype("<u8").tobytes(), 0.0, waiting if waits else 0.0, 0.0, waits,
                *self._unused,
            )  # fmt: skip

    def set_state_bytes(self, state: bytes) -> Generator:
        """Continue from what ``get_state_bytes``, here or in PyTorch, returned."""
        if len(state) != STATE.size:
            raise RuntimeError(
                message(
                    f"Expected a CPUGeneratorImplState of size {STATE.size} but found the input RNG state size to be "
                    f"{len(state)}",
                    "a state is what get_state() returned, whole",
                )
            )
        seed, left, seeded, used, key, _, waiting, _, waits, *unused = STATE.unpack(state)
        fresh = left == 1 and used == 0
        if not seeded or not (fresh or left + used == BLOCK + 1):
            raise RuntimeError(message("Invalid mt19937 state", f"{used} words used and {left - 1} left are not a block of {BLOCK}"))
        with self._lock:
            self._seed = seed
            self._words.go_to(np.frombuffer(key, "<u8").astype(np.uint32), used, twisted=not fresh)
            self._waiting = waiting if waits else None
            self._unused = unused[0], unused[1]
        return self

    def clone_state(self) -> Generator:
        """A new generator at the same place of the same stream."""
        return type(self)(self.device).set_state_bytes(self.get_state_bytes())

    def words(self, n: int) -> np.ndarray:
        """The next n words of the stream, uint32, of which numbers are made elsewhere; they are not to be written to."""
        with self._lock:
            return self._words.take(n)

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.device,), self.get_state_bytes())

    def __setstate__(self, state: bytes) -> None:
        self.set_state_bytes(state)

    # --- numbers of one distribution ------------------------------------------------------------------------------

    def uniform(self, shape: Shape, dtype: Any = None, low: float = 0.0, high: float = 1.0) -> np.ndarray:
        """Uniform in [low, high): ``low + u (high - low)``. One word each, two for float64."""
        dtype = dtype_for("check_uniform_bounds", dtype, "fc")
        real = real_of(dtype)
        if low != 0 or high != 1:
            arguments.check_uniform(low, high, real)
        return self._fill(shape, dtype, lambda n: uniforms(self._words, n, real, low, high), True)

    def normal(
        self, shape: Shape, dtype: Any = None, mean: float = 0.0, std: float = 1.0, contiguous: bool = True
    ) -> np.ndarray:
        """Normal of the given mean and standard deviation; of complex numbers each part has half the variance.

        From 16 numbers on they are drawn in blocks of 16, unless ``contiguous`` says that they are to go into memory
        with gaps or permuted axes: then, as below 16, one after the other (see `gauss`).
        """
        dtype = dtype_for("normal_kernel_cpu", dtype, "fc")
        real, size = real_of(dtype), size_of(shape)
        if not std >= 0:
            raise RuntimeError(message(f"normal expects std >= 0.0, but found std {std:g}"))
        if real is not dtype:
            size, std = 2 * size, std / math.sqrt(2)
        if size < gauss.BLOCK or not contiguous:
            return self._fill(shape, dtype, lambda n: rounded(self._one_by_one(n, mean, std, real), real))
        with self._lock:
            return gauss.in_blocks(self._words, size, mean, std, real).view(dtype).reshape(shape)

    def log_normal(self, shape: Shape, dtype: Any = None, mean: float = 1.0, std: float = 2.0) -> np.ndarray:
        """``exp(z)`` for z normal of the given mean and standard deviation, drawn one after the other."""
        dtype = dtype_for("log_normal_cpu", dtype, "f")
        arguments.check_positive("log_normal_", "std", std)
        return self._fill(
            shape, dtype, lambda n: rounded(applied(math.exp, self._one_by_one(n, mean, std, dtype), dtype), dtype)
        )

    def exponential(self, shape: Shape, dtype: Any = None, rate: float = 1.0) -> np.ndarray:
        """Density ``rate · exp(-rate x)``: ``-log(1 - u) / rate``. Two words each."""
        dtype = arguments.continuous("Exponential", dtype, arguments.NAMES)
        arguments.check_positive("exponential_", "lambda", rate)
        return self._fill(
            shape, dtype, lambda n: rounded(-1 / rate * applied(math.log1p, -self._words.doubles(n), dtype), dtype)
        )

    def cauchy(self, shape: Shape, dtype: Any = None, median: float = 0.0, sigma: float = 1.0) -> np.ndarray:
        """``median + sigma · tan(π (u - ½))``. Two words each."""
        dtype = arguments.continuous("Cauchy", dtype, arguments.COMPILER_NAMES)
        arguments.check_positive("cauchy_", "sigma", sigma)

        def draw(n: int) -> np.ndarray:
            tangents = applied(math.tan, math.pi * (self._words.doubles(n) - 0.5), dtype)
            return rounded(fma64(tangents, sigma, median), dtype)

        return self._fill(shape, dtype, draw)

    def geometric(self, shape: Shape, dtype: Any = None, p: float = 0.5) -> np.ndarray:
        """Trials of probability p up to the first success: ``⌈log u / log(1 - p)⌉``. Two words each."""
        dtype = dtype_for("geometric_cpu", dtype, "uif")
        if not 0 < p < 1:
            raise RuntimeError(message(f"geometric_ expects p to be in (0, 1), but got p={p:g}"))

        def draw(n: int) -> np.ndarray:
            with np.errstate(divide="ignore", invalid="ignore"):  # log 0, and infinity as an integer
                trials = np.ceil(np.log(self._words.doubles(n)) / math.log1p(-p))
                if dtype.kind in "fV":
                    return rounded(trials, dtype)
                return trials.astype(np.int64 if dtype.itemsize == 8 else np.int32).astype(dtype)

        return self._fill(shape, dtype, draw)

    # --- whole numbers and choices --------------------------------------------------------------------------------

    def randint(self, low: int, high: int, shape: Shape, dtype: Any = np.int64) -> np.ndarray:
        """Whole numbers in [low, high), in any real dtype. One word each, two from 2²⁸ values on."""
        return self.random(shape, dtype, low, high)

    def random(
        self, shape: Shape, dtype: Any = np.int64, low: int | None = None, high: int | None = None
    ) -> np.ndarray:
        """Whole numbers in [low, high), as `Tensor.random_` draws them.

        Without ``high``: to the greatest number of an integer dtype, or up to which a float dtype has all, included.
        """
        whole = low is None and high is None
        dtype = dtype_for("random_kernel_cpu", dtype, "buif" if whole else "buwif")
        if whole:
            return self._fill(shape, dtype, lambda n: integers.full_range(self._words, n, dtype))
        first, end = arguments.integer_range(low, high, dtype)
        return self._fill(shape, dtype, lambda n: integers.between(self._words, n, first, end, dtype), True)

    def randperm(self, n: int, dtype: Any = np.int64) -> np.ndarray:
        """The numbers 0 … n - 1 in random order, shape (n,). n - 1 words."""
        dtype = dtype_for("randperm", dtype, "uif")
        arguments.check_permutation(n, dtype)
        with self._lock:
            return integers.permutation(self._words, n).astype(dtype, copy=False)

    def bernoulli(self, p: float | np.ndarray, shape: Shape | None = None, dtype: Any = None) -> np.ndarray:
        """1 with probability p, else 0: ``u < p``. Two words each; one for an array p of less than 64 bits.

        An array p gives its shape to the result, and its dtype unless ``dtype`` says another.
        """
        if isinstance(p, np.ndarray):
            probabilities = p.reshape(-1).astype(dtype_for("bernoulli_tensor_cpu_p_", p.dtype, "f"), copy=False)
            target = dtype_for("bernoulli_tensor_cpu_self_", p.dtype if dtype is None else dtype, "buif")
            with self._lock:
                return array_bernoulli(self._words, probabilities).astype(target).reshape(p.shape)
        target = dtype_for("bernoulli_scalar_cpu_", dtype, "buif")
        arguments.check_probability(p)
        return self._fill((() if shape is None else shape), target, lambda n: kept(self._words, n, p, 1, target), True)

    def dropout(self, p: float, shape: Shape, dtype: Any = None) -> np.ndarray:
        """What dropout multiplies by: 0 with probability p, else ``1 / (1 - p)``. Nothing is drawn for p = 0 or 1."""
        dtype = dtype_for("bernoulli_scalar_cpu_", dtype, "f")
        if not 0 <= p <= 1:
            raise ValueError(
                message(f"dropout probability has to be between 0 and 1, but got {p}", "p is the share set to 0")
            )
        if p == 0 or p == 1:
            return np.full(shape, 1 - p, dtype)
        kind = np.float64 if dtype == np.float64 else np.float32
        scale = (kind(1) / kind(1 - p)).astype(dtype)
        return self._fill(shape, dtype, lambda n: kept(self._words, n, 1 - p, scale, dtype), True)

    def multinomial(self, weights: np.ndarray, n: int, replacement: bool = False) -> np.ndarray:
        """n categories by weight: weights (categories,) -> int64 (n,), or one row each: (rows, categories)."""
        multinomial.check(weights, n, replacement)
        with self._lock:
            if replacement and n > 1:
                return multinomial.looked_up(self._words, weights, n)
            quotients = laid_out_like(weights, lambda shape: self.exponential(shape, weights.dtype))
            return multinomial.largest_quotients(weights, quotients, n)

    # --- one number for each entry of an array --------------------------------------------------------------------

    def gamma(self, concentration: np.ndarray) -> np.ndarray:
        """Gamma of unit rate for each concentration (torch._standard_gamma)."""
        dtype = arguments.entries("gamma_cpu", "concentration", concentration)
        single = dtype == np.float32
        drawn = self._for_each(lambda a: samplers.gamma(a, self._words.double, self._normal, single), concentration)
        return np.fmax(np.finfo(dtype).tiny, drawn).astype(dtype)

    def dirichlet(self, concentration: np.ndarray) -> np.ndarray:
        """Shares that add up to 1 along the last axis: gamma numbers, in float64, over their sum."""
        dtype = arguments.entries("dirichlet", "concentration", concentration)
        gammas = self.gamma(concentration.astype(np.float64))
        with np.errstate(invalid="ignore"):  # 0 / 0, where all are too small for a float64
            return np.fmax(np.finfo(dtype).tiny, gammas / gammas.sum(-1, keepdims=True)).astype(dtype)

    def poisson(self, rates: np.ndarray) -> np.ndarray:
        """Counts of events, for each mean number of them."""
        dtype = arguments.entries("poisson_cpu", "rate", rates)
        return rounded(self._for_each(lambda rate: samplers.poisson(rate, self._words.double), rates), dtype)

    def binomial(self, counts: np.ndarray, p: np.ndarray) -> np.ndarray:
        """Successes in ``counts`` trials of probability ``p``, both of one shape."""
        dtype = arguments.entries("binomial_cpu", "count", counts)
        arguments.entries("binomial_cpu", "prob", p)
        return self._for_each(lambda n, q: samplers.binomial(n, q, self._words.double), counts, p).astype(dtype)

    # --- common to the draws --------------------------------------------------------------------------------------

    def _fill(
        self, shape: Shape, dtype: np.dtype, draw: Callable[[int], np.ndarray], by_loops: bool = False
    ) -> np.ndarray:
        """An array of what ``draw(n)`` gives, of shape (n,) and the real dtype, for n numbers in a row.

        ``by_loops``: where there is machine code, the draw makes no temporaries, so any number of them is drawn at once.
        """
        size = size_of(shape) * (2 if dtype.kind == "c" else 1)
        with self._lock:
            if size <= PART or by_loops and by_machine(size) is not None:
                flat = draw(size)
            else:
                flat = np.empty(size, real_of(dtype))
                for start in range(0, size, PART):
                    flat[start : start + PART] = draw(min(PART, size - start))
        return flat.view(dtype).reshape(shape) if dtype.kind == "c" else flat.astype(dtype, copy=False).reshape(shape)

    def _for_each(self, draw: Callable[..., float], *parameters: np.ndarray) -> np.ndarray:
        """``draw`` of each entry of the parameters, in turn, as float64 of their shape."""
        rows = zip(*(array.ravel().tolist() for array in parameters))
        with self._lock:
            drawn = [draw(*row) for row in rows]
        return np.array(drawn, np.float64).reshape(parameters[0].shape)

    def _one_by_one(self, n: int, mean: float, std: float, dtype: np.dtype) -> np.ndarray:
        """n normals of the serial kind, in float64; ``dtype`` is what they will be rounded to."""
        normals, self._waiting = gauss.one_by_one(self._words, n, self._waiting)
        return fma64(normals, std, mean) if dtype == np.float64 else normals * std + mean

    def _normal(self) -> float:
        """One standard normal of the serial kind."""
        normal = self._waiting
        if normal is not None:
            self._waiting = None
            return normal
        normal, self._waiting = gauss.few(self._words, 1)
        return normal


def uniforms(words: Words, n: int, dtype: np.dtype, low: float, high: float) -> np.ndarray:
    """n uniform numbers in [low, high) of a real float dtype, shape (n,)."""
    if dtype == np.float64:
        unit = words.doubles(n)
        if low != 0 or high != 1:
            unit = fma64(unit, high - low, low)
    else:
        first = np.float32(low)
        span = np.float32(high) - first
        if (draws := by_machine(n)) is not None:
            unit = draws.floats(words.take(n), float(first), float(span))
        else:
            unit = words.floats(n)
            if low != 0 or high != 1:
                unit = fma32(unit, span, first, unit=True)
        if dtype.itemsize == 2:
            unit = unit.astype(dtype)
    if low != 0 or dtype.itemsize == 2:  # rounding may have reached the end, which does not belong to the interval
        reached = unit == dtype.type(high)
        if reached.any():
            unit[reached] = low
    return unit


def kept(words: Words, n: int, p: float, value: Any, dtype: np.dtype) -> np.ndarray:
    """``value`` with probability p, else 0, shape (n,)."""
    if dtype == np.float32 and (draws := by_machine(2 * n)) is not None:
        return draws.kept(words.take(2 * n), p, float(value))
    return (words.doubles(n) < p) * value


def array_bernoulli(words: Words, p: np.ndarray) -> np.ndarray:
    """True with the probability of each entry of p, shape (n,)."""
    if not ((p >= 0) & (p <= 1)).all():
        raise RuntimeError(
            message("Expected p_in >= 0 && p_in <= 1 to be true, but got false.", "an entry of p is no probability")
        )
    return words.doubles(p.size) < p if p.dtype == np.float64 else words.floats(p.size) < p.astype(np.float32)


def applied(function: Callable[[float], float], x: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """A function of ``math`` on each entry of x, float64: to PyTorch's last bit only where that will be seen."""
    if dtype == np.float64:
        return by_libm(function, x)
    with np.errstate(over="ignore"):
        return getattr(np, function.__name__)(x)


def rounded(numbers: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """float64 numbers as another float dtype; what is too large for it becomes infinite."""
    if dtype == np.float64:
        return numbers
    with np.errstate(over="ignore"):
        return numbers.astype(np.float32).astype(dtype, copy=False)  # 16 bits too are reached by way of 32


default_generator = Generator()
default_generator.seed()
