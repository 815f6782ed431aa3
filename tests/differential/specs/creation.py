"""Making tensors, and facts about dtypes; random numbers."""

from ..draw import Draw, call
from .spec import Spec, lines


def sized(d: Draw):
    shape = d.shape(0, 3)
    return (shape,) if d.flag() or not shape else shape


def filled(d: Draw):
    return call(*sized(d), **d.some(0.4, dtype=d.at, requires_grad=lambda: d.flag(0.3)))


def full(d: Draw):
    return call(d.shape(0, 3), d.number(), **d.some(0.4, dtype=d.at))


def like(d: Draw, *more):
    return call(d.x(kind="any"), *more, **d.some(0.3, dtype=d.at, requires_grad=lambda: d.flag(0.3)))


def nested(d: Draw, depth):
    if depth == 0:
        return d.pick(1, 2.5, True, 0, -3, 1e10, 2**40) if d.flag(0.3) else d.pick(1, 2, 3)
    n = d.randint(0, 3)
    inner = nested(d, depth - 1)
    return [inner if d.flag() else nested(d, 0) if depth == 1 else inner for _ in range(n)]


def tensor(d: Draw):
    if d.flag(0.1):
        return call(d.x(kind="any", grad=0))
    return call(nested(d, d.randint(0, 3)), **d.some(0.35, dtype=d.at, requires_grad=lambda: d.flag(0.3)))


def steps(d: Draw):
    a = d.pick(0, 1, -2, 0.5, -1.5)
    kw = d.some(0.3, dtype=lambda: d.at("real"))
    if d.flag(0.3):
        return call(d.pick(0, 1, 5, 3.5, -1), **kw)
    if d.flag():
        return call(a, a + d.pick(0, 1, 4, 2.5, -1), **kw)
    return call(a, a + d.pick(3, 4.5, -3, 0), d.pick(1, 2, 0.5, -1, 0.1, 0), **kw)


def spaced(d: Draw):
    return call(d.pick(0, -1, 1.5, -2), d.pick(0, 1, 3.5, 10), d.randint(0, 7) if d.flag(0.97) else -1, **d.some(0.4, dtype=lambda: d.at("inexact")))


def logspaced(d: Draw):
    return call(d.pick(0, -1, 0.5), d.pick(0, 1, 2), d.randint(0, 7), **d.some(0.4, dtype=lambda: d.at("full"), base=lambda: d.pick(2, 10, 0.5)))


def eye(d: Draw):
    return call(d.size(0.1), *([d.size(0.1)] if d.flag() else []), **d.some(0.4, dtype=d.at))


def triangle(d: Draw):
    return call(d.size(), d.size(), *([d.randint(-2, 2)] if d.flag() else []))


def new(d: Draw, *more):
    return call(d.x(kind="any"), d.shape(0, 2), *more, **d.some(0.4, dtype=d.at))


def dtypes(d: Draw):
    return call(d.at("any"), d.at("any"))


def result(d: Draw):
    a = d.x(kind="any") if d.flag(0.7) else d.number()
    return call(a, d.x(kind="any") if d.flag(0.7) else d.number())


def size_and_dtype(d: Draw):
    return call(*sized(d), **d.some(0.4, dtype=lambda: d.at("float")))


def randint(d: Draw):
    low = d.randint(-5, 5)
    high = low + d.randint(1, 300)
    kw = d.some(0.3, dtype=lambda: d.at("real"))
    return call(low, high, d.shape(0, 3), **kw) if d.flag() else call(max(high, 1), d.shape(0, 3), **kw)


def normal(d: Draw):
    mean = d.x(kind="full", grad=0)
    r = d.random()
    if r < 0.3:
        return call(mean)
    if r < 0.6:
        return call(mean, 2.0)
    return call(mean, d.x(mean.shape, dtype=mean.dtype, values="positive", grad=0)) if r < 0.9 else call(0.5, 2.0, d.shape(0, 2))


def multinomial(d: Draw):
    n = d.randint(1, 6)
    x = d.x((*d.shape(0, 1, 0), n), kind="full", values="positive", grad=0)
    replacement = d.flag()
    return call(x, d.randint(1, 8 if replacement else n), replacement)


def in_place(d: Draw, *options):
    def drawn(d: Draw):
        return call(d.x(kind="float" if d.flag(0.9) else "any", grad=0.1), *d.choice(options))

    return drawn


def info(kind):
    return lambda t, dtype: [getattr(getattr(t, kind)(dtype), f) for f in ("bits", "max", "min")]


ANY = Draw  # the recipes below take a Draw

CREATION = {
    **lines("zeros ones", filled, exact=True),
    "empty": Spec(filled, lambda t, *a, **k: (lambda y: [y.shape, y.dtype, y.stride(), y.requires_grad])(t.empty(*a, **k))),
    "full": Spec(full, exact=True),
    **lines("zeros_like ones_like", like, exact=True),
    "empty_like": Spec(like, lambda t, x, **k: (lambda y: [y.shape, y.dtype, y.requires_grad])(t.empty_like(x, **k))),
    "full_like": Spec(lambda d: like(d, d.number()), exact=True),
    **lines("tensor as_tensor asarray", tensor, exact=True),
    "arange": Spec(steps),
    "range": Spec(lambda d: call(0, d.randint(0, 5), d.pick(1, 0.5))),
    "linspace": Spec(spaced),
    "logspace": Spec(logspaced),
    "eye": Spec(eye, exact=True),
    **lines("tril_indices triu_indices", triangle, exact=True),
    **lines("Tensor.new_zeros Tensor.new_ones", new, exact=True),
    "Tensor.new_full": Spec(lambda d: new(d, d.number()), exact=True),
    "Tensor.new_tensor": Spec(lambda d: call(d.x(kind="any"), nested(d, d.randint(0, 2)), **d.some(0.4, dtype=d.at)), exact=True),
    "scalar_tensor": Spec(lambda d: call(d.number(), **d.some(0.4, dtype=d.at)), exact=True),
    **lines("promote_types can_cast", dtypes, exact=True),
    "result_type": Spec(result, exact=True),
    "finfo": Spec(lambda d: call(d.at("any")), lambda t, x: [getattr(t.finfo(x), f) for f in "bits eps max min tiny resolution".split()]),
    "iinfo": Spec(lambda d: call(d.at("any")), info("iinfo")),
    **lines("hann_window hamming_window blackman_window bartlett_window", lambda d: call(d.randint(0, 8), **d.some(0.3, periodic=d.flag))),
    "kaiser_window": Spec(lambda d: call(d.randint(0, 8))),
    "complex": Spec(lambda d: call(x := d.x(kind="float"), d.x(d.partner(x.shape), dtype=x.dtype)), exact=True),
}
RANDOM = {
    **lines("rand randn", size_and_dtype, random=True),
    **lines("rand_like randn_like", lambda d: call(d.x(kind="float" if d.flag(0.95) else "any"), **d.some(0.2, dtype=lambda: d.at("float"))), random=True),
    "randint": Spec(randint, random=True),
    "randint_like": Spec(lambda d: call(d.x(kind="real", grad=0), d.randint(-3, 0), d.randint(1, 9)), random=True),
    "randperm": Spec(lambda d: call(d.randint(0, 60), **d.some(0.3, dtype=lambda: d.at("real"))), random=True),
    **lines("bernoulli Tensor.bernoulli", lambda d: call(d.x(kind="float", values="unit", grad=0.2)), random=True),
    "poisson": Spec(lambda d: call(d.x(kind="full", values="positive", grad=0)), random=True),
    "normal": Spec(normal, random=True),
    "multinomial": Spec(multinomial, random=True),
    "Tensor.uniform_": Spec(in_place(ANY, (), (-1.0, 2.0), (0, 5)), random=True, writes=True),
    "Tensor.normal_": Spec(in_place(ANY, (), (1.0, 2.0), (0.0, 0.1)), random=True, writes=True),
    "Tensor.exponential_": Spec(in_place(ANY, (), (2.0,)), random=True, writes=True),
    "Tensor.bernoulli_": Spec(in_place(ANY, (), (0.3,)), random=True, writes=True),
    "Tensor.random_": Spec(in_place(ANY, (), (10,), (-3, 7)), random=True, writes=True),
    "Tensor.geometric_": Spec(in_place(ANY, (0.3,), (0.9,)), random=True, writes=True),
    "Tensor.cauchy_": Spec(in_place(ANY, (), (1.0, 2.0)), random=True, writes=True),
    "Tensor.log_normal_": Spec(in_place(ANY, (), (0.5, 0.2)), random=True, writes=True),
}
