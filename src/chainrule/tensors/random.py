"""Random tensors by PyTorch's names. After the same `manual_seed`, every draw is PyTorch's.

The streams themselves are in `base.random`; here they get shapes, dtypes and tensors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes, mersenne
from ..base import random as base
from ..base.layout import laid_out_like, outermost_first
from ..graph.apply import apply
from ..graph.value import Value, wrap
from .coerce import sizes
from .filled import finish, like
from .inplace import check_writable, copied, into, write
from .tensor import Tensor


class Generator(base.Generator):
    """A stream of random numbers of its own.

    >>> g = torch.Generator().manual_seed(0)
    >>> torch.randint(10, (5,), generator=g)
    tensor([4, 9, 3, 0, 3])
    """

    def get_state(self) -> Tensor:
        """The state as a tensor of bytes, in PyTorch's layout."""
        return wrap(np.frombuffer(self.get_state_bytes(), np.uint8).copy())

    def set_state(self, new_state: Tensor) -> None:
        """Go on from a state that `get_state` gave."""
        if not isinstance(new_state, Value) or new_state.array.dtype != np.uint8:
            raise TypeError("expected a torch.ByteTensor, but got " + type(new_state).__name__)
        self.set_state_bytes(new_state.array.tobytes())

    def __repr__(self) -> str:
        return f"<torch._C.Generator object at {id(self):#x}>"


def machine_code() -> Any:
    from ..native import draws

    return draws


mersenne.machine = machine_code  # for many numbers

# The stream that layers and samplers draw from too, with the state as a tensor.
default_generator: Any = base.default_generator
default_generator.__class__ = Generator


def source(generator: Any) -> base.Generator:
    """The generator to draw from: the one given, or the default."""
    return default_generator if generator is None else generator


def manual_seed(seed: int) -> Generator:
    """Start the default stream afresh from a seed."""
    default_generator.manual_seed(int(seed))
    return default_generator


def seed() -> int:
    """Start the default stream from a seed that the operating system gives; returns it."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed the default stream was started from."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """The state of the default stream."""
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Put the default stream into a state that `get_rng_state` gave."""
    default_generator.set_state(new_state)


# ---------------------------------------------------------------------- new tensors


def drawn(size: Any, dtype: Any, draw: Callable[..., np.ndarray], out: Any = None, **options: Any) -> Tensor:
    """A new tensor of ``draw(shape, dtype, in one piece)``; with ``out``, that tensor, filled in its order in memory."""
    shape, kind = sizes(size), dtypes.numpy_of(dtype)
    if out is None:
        return finish(draw(shape, kind, True), **options)
    if dtype is not None and dtypes.of(out.array).numpy != kind:
        raise RuntimeError(f"dtype {dtype} does not match dtype of out tensor ({dtypes.of(out.array)})")
    into(out, wrap(np.empty(shape, out.array.dtype)))
    in_one_piece = bool(out.array.flags.c_contiguous)
    return refill(out, lambda shape, kind: draw(shape, kind, in_one_piece))


def rand(*size: Any, generator: Any = None, out: Any = None, dtype: Any = None, **options: Any) -> Tensor:
    """Uniform numbers in [0, 1).

    >>> _ = torch.manual_seed(0)
    >>> torch.rand(3)
    tensor([0.4963, 0.7682, 0.0885])
    """
    draw = source(generator).uniform
    return drawn(options.pop("size", size), dtype, lambda shape, kind, piece: draw(shape, kind), out, **options)


def randn(*size: Any, generator: Any = None, out: Any = None, dtype: Any = None, **options: Any) -> Tensor:
    """Normal numbers of mean 0 and variance 1.

    >>> _ = torch.manual_seed(0)
    >>> torch.randn(3)
    tensor([ 1.5410, -0.2934, -2.1788])
    """
    draw = source(generator).normal
    return drawn(
        options.pop("size", size), dtype, lambda shape, kind, piece: draw(shape, kind, 0.0, 1.0, piece), out, **options
    )


def randint(
    low: int,
    high: Any = None,
    size: Any = None,
    *,
    generator: Any = None,
    out: Any = None,
    dtype: Any = None,
    **options: Any,
) -> Tensor:
    """Whole numbers in [low, high); ``randint(high, size)`` starts at 0."""
    if size is None:
        low, high, size = 0, low, high
    first, end, draw = int(low), int(high), source(generator).randint
    kind = dtypes.int64 if dtype is None and out is None else dtype
    return drawn((size,), kind, lambda shape, kind, piece: draw(first, end, shape, kind), out, **options)


def randperm(n: int, *, generator: Any = None, out: Any = None, dtype: Any = None, **options: Any) -> Tensor:
    """0 … n − 1 in random order.

    >>> _ = torch.manual_seed(0)
    >>> torch.randperm(5)
    tensor([4, 0, 1, 3, 2])
    """
    kind = np.dtype(np.int64) if dtype is None else dtypes.numpy_of(dtype)
    return into(out, finish(source(generator).randperm(n, kind), **options))


def drawn_like(input: Any, dtype: Any, memory_format: Any, draw: Callable[..., np.ndarray], **options: Any) -> Tensor:
    """A new tensor of ``draw(shape, dtype, in one piece)``, in the shape and the order in memory of ``input``."""
    blank = like(input, dtype, memory_format)
    in_one_piece = bool(blank.flags.c_contiguous)
    return finish(laid_out_like(blank, lambda shape: draw(shape, blank.dtype, in_one_piece)), **options)


def rand_like(
    input: Any, *, dtype: Any = None, memory_format: Any = None, generator: Any = None, **options: Any
) -> Tensor:
    """`rand` in the shape of ``input``, drawn in the order in which its entries lie in memory."""
    draw = source(generator).uniform
    return drawn_like(input, dtype, memory_format, lambda shape, kind, piece: draw(shape, kind), **options)


def randn_like(
    input: Any, *, dtype: Any = None, memory_format: Any = None, generator: Any = None, **options: Any
) -> Tensor:
    """`randn` in the shape of ``input``, drawn in the order in which its entries lie in memory."""
    draw = source(generator).normal
    return drawn_like(
        input, dtype, memory_format, lambda shape, kind, piece: draw(shape, kind, 0.0, 1.0, piece), **options
    )


def randint_like(
    input: Any,
    low: int,
    high: int | None = None,
    *,
    dtype: Any = None,
    memory_format: Any = None,
    generator: Any = None,
    **options: Any,
) -> Tensor:
    """`randint` in the shape and dtype of ``input``, drawn in the order in which its entries lie in memory."""
    low, high = (0, low) if high is None else (low, high)
    draw = source(generator).randint
    return drawn_like(input, dtype, memory_format, lambda shape, kind, piece: draw(low, high, shape, kind), **options)


def normal(
    mean: Any = 0.0,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Any = None,
    out: Any = None,
    dtype: Any = None,
    **options: Any,
) -> Tensor:
    """Normal numbers; ``mean`` and ``std`` may be tensors, one entry for each number."""
    if not isinstance(mean, Value) and not isinstance(std, Value):
        if size is None:
            raise TypeError("normal() missing the argument 'size': torch.normal(0.0, 1.0, (2, 3))")
        draw, centre, spread = source(generator).normal, float(mean), float(std)
        return drawn((size,), dtype, lambda shape, kind, piece: draw(shape, kind, centre, spread, piece), out, **options)
    m, s = (v.array if isinstance(v, Value) else v for v in (mean, std))
    if np.min(s, initial=0) < 0:
        raise RuntimeError(f"normal expects all elements of std >= 0.0, but the smallest is {float(np.min(s)):g}")
    shape = np.broadcast_shapes(np.shape(m), np.shape(s))
    kind = (mean if isinstance(mean, Value) else std).array.dtype
    return into(out, wrap(source(generator).normal(shape, kind) * s + m))


def bernoulli(input: Any, p: Any = None, *, generator: Any = None, out: Any = None) -> Tensor:
    """1 with the probability that each entry of ``input`` says, else 0."""
    if p is not None:
        return wrap(source(generator).bernoulli(p, input.array.shape, input.array.dtype))
    return into(out, wrap(source(generator).bernoulli(input.array)))


def multinomial(
    input: Any, num_samples: int, replacement: bool = False, *, generator: Any = None, out: Any = None
) -> Tensor:
    """Categories drawn by weight, from each row of ``input``."""
    return into(out, wrap(source(generator).multinomial(input.array, num_samples, replacement)))


def poisson(input: Any, generator: Any = None) -> Tensor:
    """Counts of events, for each mean number of them."""
    return wrap(source(generator).poisson(input.array))


def binomial(count: Any, prob: Any, generator: Any = None) -> Tensor:
    """Successes in ``count`` trials of probability ``prob``."""
    a, b = np.broadcast_arrays(count.array, prob.array)
    return wrap(source(generator).binomial(a, b))


# ---------------------------------------------------------------------- drawing into a tensor


def refill(target: Any, draw: Callable[[tuple[int, ...], np.dtype], np.ndarray]) -> Any:
    """Write what ``draw(shape, dtype)`` gives into a tensor; as in PyTorch, in the order in which its entries lie in memory."""
    check_writable(target)
    x = target.array
    fresh = wrap(laid_out_like(x, lambda shape: draw(shape, x.dtype)))
    return write(target, fresh if target.node is None else apply(copied, target, fresh))


def uniform_(self: Any, from_: float = 0.0, to: float = 1.0, *, generator: Any = None, **named: Any) -> Any:
    """Fill with uniform numbers in [from, to)."""
    low = named.get("from", from_)
    return refill(self, lambda shape, kind: source(generator).uniform(shape, kind, low, to))


def normal_(self: Any, mean: float = 0.0, std: float = 1.0, *, generator: Any = None) -> Any:
    """Fill with normal numbers."""
    in_one_piece = bool(self.array.flags.c_contiguous)
    return refill(self, lambda shape, kind: source(generator).normal(shape, kind, mean, std, in_one_piece))


def random_(self: Any, from_: int | None = None, to: int | None = None, *, generator: Any = None, **named: Any) -> Any:
    """Fill with whole numbers in [from, to), or in all of the dtype's range."""
    low, high = named.get("from", from_), to
    if high is None and low is not None and "from" not in named:
        low, high = 0, low
    return refill(self, lambda shape, kind: source(generator).random(shape, kind, low, high))


def bernoulli_(self: Any, p: Any = 0.5, *, generator: Any = None) -> Any:
    """Fill with 1 with probability ``p``, else 0."""
    if not isinstance(p, Value):
        return refill(self, lambda shape, kind: source(generator).bernoulli(float(p), shape, kind))
    chances = np.broadcast_to(p.array, self.array.shape)
    if not self.array.flags.c_contiguous:
        chances = chances.transpose(outermost_first(self.array))
    return refill(self, lambda shape, kind: source(generator).bernoulli(chances.copy(), dtype=kind))


def filler(name: str, doc: str) -> Any:
    def method(self: Any, *args: Any, generator: Any = None, **named: Any) -> Any:
        if "lambd" in named:
            named["rate"] = named.pop("lambd")
        return refill(self, lambda shape, kind: getattr(source(generator), name)(shape, kind, *args, **named))

    method.__name__ = method.__qualname__ = f"{name}_"
    method.__doc__ = doc
    return method


exponential_ = filler("exponential", "Fill with numbers of density λ e^(−λx).")
cauchy_ = filler("cauchy", "Fill with numbers of Cauchy's distribution.")
log_normal_ = filler("log_normal", "Fill with eᶻ, z normal.")
geometric_ = filler("geometric", "Fill with numbers of trials up to the first success.")

for _method in (uniform_, normal_, random_, bernoulli_, exponential_, cauchy_, log_normal_, geometric_):
    setattr(Tensor, _method.__name__, _method)
Tensor.bernoulli, Tensor.multinomial = bernoulli, multinomial  # type: ignore[attr-defined]
