"""Reading and writing entries: x[…], gather and scatter, masks."""

from ..draw import Draw, call
from .spec import Spec, forms, lines, methods


def key(d: Draw, shape):
    """One index expression for a tensor of this shape."""
    parts, axis = [], 0
    while axis < len(shape) and d.flag(0.8):
        n, r = shape[axis], d.random()
        if r < 0.3:
            parts.append(slice(*(d.pick(None, d.randint(-n - 1, n + 1)) for _ in range(2)), d.pick(None, None, 1, 2, 3)))
        elif r < 0.5:
            parts.append(d.randint(-n, n - 1) if n and d.flag(0.97) else n)
        elif r < 0.6:
            parts.append(None)
            continue
        elif r < 0.66 and Ellipsis not in parts:
            parts.append(Ellipsis)
            break
        elif r < 0.85:
            parts.append(d.index(n, d.shape(0, 2), negative=True) if n else slice(None))
        elif r < 0.9:
            parts.append([d.randint(-n, n - 1) for _ in range(d.randint(1, 3))] if n else slice(None))
        elif r < 0.96:
            k = d.randint(1, min(2, len(shape) - axis))
            parts.append(d.mask(shape[axis : axis + k]))
            axis += k - 1
        else:
            parts.append(d.pick(True, False, None))
            axis -= 1
        axis += 1
    if len(parts) == 1 and d.flag(0.8):
        return parts[0]
    return tuple(parts)


def read(d: Draw):
    x = d.x(d.shape(0, 4), kind="any")
    return call(x, key(d, x.shape))


def write(d: Draw):
    x = d.x(d.shape(0, 4), kind="any")
    value = d.number(x.dtype) if d.flag() else d.x(d.pick((), (1,), x.shape[1:], x.shape), dtype=x.dtype if d.flag(0.9) else d.dtype("any"))
    return call(x, key(d, x.shape), value)


def store(t, x, place, value):
    x[place] = value
    return x


def select(d: Draw):
    x = d.x(kind="any")
    dim = d.dim(x)
    n = x.shape[dim] if x.shape and -len(x.shape) <= dim < len(x.shape) else 1
    return call(x, dim, d.randint(-n, n))


def narrow(d: Draw):
    x = d.x(kind="any")
    dim = d.dim(x)
    n = x.shape[dim] if x.shape and -len(x.shape) <= dim < len(x.shape) else 1
    start = d.randint(-n, n)
    return call(x, dim, start, d.randint(0, n))


def along(d: Draw, x):
    """An axis of x, and an index of its kind: no longer than x elsewhere."""
    dim = d.dim(x)
    n = x.shape[dim] if x.shape and -len(x.shape) <= dim < len(x.shape) else 1
    shape = tuple(d.randint(min(1, s), s) for s in x.shape)
    if shape:
        k = dim % len(shape)
        shape = (*shape[:k], d.size(), *shape[k + 1 :])
    return dim, d.index(n if d.flag(0.97) else n + 2, shape), n


def gather(d: Draw):
    x = d.x(kind="any")
    dim, index, _ = along(d, x)
    return call(x, dim, index)


def along_dim(d: Draw):
    x = d.x(kind="any")
    dim, index, _ = along(d, x)
    if x.shape:
        k = dim % len(x.shape)
        index = d.index(x.shape[k], tuple(index.shape[k] if i == k else d.pick(s, 1) for i, s in enumerate(x.shape)))
    return call(x, index, dim) if d.flag(0.9) else call(x, index)


def scatter(d: Draw):
    x = d.x(kind="any", values="normal")
    dim, index, n = along(d, x)
    index = unique(d, x, dim, index)
    if d.flag(0.3):
        return call(x, dim, index, d.number(x.dtype))
    return call(x, dim, index, d.x(index.shape, dtype=x.dtype if d.flag(0.95) else d.dtype("any"), layout="plain"))


def unique(d: Draw, x, dim, index):
    """An index without repetition along its axis, since PyTorch leaves open which of two writes stays."""
    from dataclasses import replace

    if not x.shape or 0 in index.shape:
        return index
    k = dim % len(x.shape)
    n = min(x.shape[k], index.shape[k])
    shape = (*index.shape[:k], n, *index.shape[k + 1 :])
    import numpy as np

    order = np.array(d.rng.sample(range(x.shape[k]), n), dtype=int).reshape([-1 if i == k else 1 for i in range(len(shape))])
    return replace(index, shape=shape, values=tuple(int(v) for v in np.broadcast_to(order, shape).ravel()))


def scatter_add(d: Draw):
    x = d.x(kind="any")
    dim, index, _ = along(d, x)
    return call(x, dim, index, d.x(index.shape, dtype=x.dtype if d.flag(0.97) else d.dtype("any")))


def scatter_reduce(d: Draw):
    x = d.x(kind="inexact" if d.flag(0.7) else "any", values=d.pick("apart", "small", "normal"))
    dim, index, _ = along(d, x)
    source = d.x(index.shape, dtype=x.dtype, values=x.values)
    return call(x, dim, index, source, d.pick("sum", "prod", "mean", "amax", "amin"), **d.some(0.4, include_self=d.flag))


def index_select(d: Draw):
    x = d.x(kind="any")
    dim = d.dim(x)
    n = x.shape[dim] if x.shape and -len(x.shape) <= dim < len(x.shape) else 1
    return call(x, dim, d.index(n if d.flag(0.97) else n + 1, d.pick((), (d.size(),), (d.size(),), d.shape(0, 2))))


def index_source(d: Draw, distinct=False):
    x = d.x(kind="any")
    dim = d.dim(x, 0.0)
    n = x.shape[dim] if x.shape else 1
    m = min(d.size(), n) if distinct else d.size()
    index = d.index(n, (m,))
    if distinct:
        index = index.__class__((m,), "int64", "plain", f"perm {n}", index.seed)
    shape = list(x.shape)
    if shape:
        shape[dim] = m
    return call(x, dim, index, d.x(tuple(shape), dtype=x.dtype if d.flag(0.97) else d.dtype("any")))


def index_add(d: Draw):
    args, _ = index_source(d)
    return call(*args, **d.some(0.4, alpha=lambda: d.number(args[0].dtype)))


def index_fill(d: Draw):
    (x, dim, index), _ = index_select(d)
    return call(x, dim, index, d.number(x.dtype) if d.flag(0.8) else d.x((), dtype=x.dtype, grad=0.5))


def index_reduce(d: Draw):
    args, _ = index_source(d)
    return call(*args, d.pick("prod", "mean", "amax", "amin"), **d.some(0.4, include_self=d.flag))


def index_put(d: Draw):
    x = d.x(d.shape(1, 3), kind="any")
    n = d.randint(1, len(x.shape))
    shape = d.shape(0, 2)
    index = tuple(d.index(s, shape, negative=True) for s in x.shape[:n])
    accumulate = d.flag()
    value = d.x(d.pick((), (1,)) if not accumulate else (*shape, *x.shape[n:]), dtype=x.dtype)
    return call(x, index, value, accumulate) if d.flag() else call(x, index, value, accumulate=accumulate)


def take(d: Draw):
    x = d.x(kind="any")
    n = 1
    for s in x.shape:
        n *= s
    return call(x, d.index(n, d.shape(0, 2), negative=True))


def put(d: Draw):
    (x, _), _ = take(d)
    n = 1
    for s in x.shape:
        n *= s
    m = min(n, d.size())
    index = d.index(n, (m,))
    index = index.__class__((m,), "int64", "plain", f"perm {n}", index.seed)
    return call(x, index, d.x((m,), dtype=x.dtype), **d.some(0.4, accumulate=d.flag))


def masked_fill(d: Draw):
    x = d.x(kind="any")
    return call(x, d.mask(d.partner(x.shape)), d.number(x.dtype) if d.flag(0.8) else d.x((), dtype=x.dtype))


def masked_select(d: Draw):
    x = d.x(kind="any")
    return call(x, d.mask(d.partner(x.shape)) if d.flag(0.97) else d.x(x.shape, dtype="uint8", values="bits"))


def masked_scatter(d: Draw):
    x = d.x(kind="any")
    return call(x, d.mask(x.shape if d.flag(0.7) else d.partner(x.shape)), d.x((d.pick(130, 400),) if d.flag(0.9) else (2,), dtype=x.dtype))


def nonzero(d: Draw):
    return call(d.x(kind="any", values=d.pick("bits", "small", "edges")), **d.some(0.2, as_tuple=d.flag))


def one_slot(d: Draw):
    """x, a source that fits a part of it, and where."""
    x = d.x(d.shape(1, 4), kind="any")
    dim = d.dim(x, 0.0)
    return x, dim % len(x.shape)


def select_scatter(d: Draw):
    x, k = one_slot(d)
    n = x.shape[k]
    return call(x, d.x((*x.shape[:k], *x.shape[k + 1 :]), dtype=x.dtype), k, d.randint(-n, n - 1) if n else 0)


def slice_scatter(d: Draw):
    x, k = one_slot(d)
    n = x.shape[k]
    start = d.randint(0, n)
    return call(x, d.x((*x.shape[:k], n - start, *x.shape[k + 1 :]), dtype=x.dtype), k, start)


def diagonal_scatter(d: Draw):
    x = d.x(d.shape(2, 2), kind="any")
    return call(x, d.x((min(x.shape),), dtype=x.dtype))


def fill(d: Draw):
    x = d.x(kind="any")
    return call(x, d.number(x.dtype) if d.flag(0.7) else d.x(() if d.flag(0.9) else (2,), kind="any"))


def copy(d: Draw):
    x = d.x(kind="any")
    return call(x, d.other(x))


def isin(d: Draw):
    x = d.x(kind="real", values="small", grad=0)
    return call(x, d.x(dtype=x.dtype, values="small", grad=0), **d.some(0.3, invert=d.flag, assume_unique=d.flag))


def bound(d: Draw):
    return d.mask(d.shape(0, 2))


INDEXING = {
    "x[...]": Spec(read, lambda t, x, place: x[place], exact=True, needs="tensor"),
    "x[...] = v": Spec(write, store, exact=True, writes=True, needs="tensor"),
    **forms("select", select, out=False, exact=True),
    **forms("narrow", narrow, out=False, exact=True),
    **forms("narrow_copy", narrow, out=False, exact=True),
    **forms("gather", gather, exact=True),
    **forms("take_along_dim", along_dim, exact=True),
    **forms("scatter", scatter, exact=True),
    **forms("scatter_add", scatter_add),
    **forms("scatter_reduce", scatter_reduce),
    **forms("index_select", index_select, exact=True),
    **forms("index_add", index_add),
    **forms("index_copy", lambda d: index_source(d, True), exact=True),
    **forms("index_fill", index_fill, exact=True),
    **forms("index_reduce", index_reduce),
    **forms("index_put", index_put, out=False),
    **forms("take", take, exact=True),
    **methods("put", put),
    "put": Spec(put),
    **forms("masked_fill", masked_fill, out=False, exact=True),
    **forms("masked_select", masked_select, exact=True),
    **forms("masked_scatter", masked_scatter, out=False, exact=True),
    **forms("nonzero", nonzero, out=False, exact=True),
    **lines("argwhere Tensor.argwhere", lambda d: call(d.x(kind="any", values="bits")), exact=True),
    **forms("select_scatter", select_scatter, out=False, exact=True),
    **forms("slice_scatter", slice_scatter, out=False, exact=True),
    **forms("diagonal_scatter", diagonal_scatter, out=False, exact=True),
    **lines("Tensor.fill_", fill, exact=True, writes=True),
    **lines("Tensor.copy_", copy, exact=True, writes=True),
    **lines("Tensor.zero_", lambda d: call(d.x(kind="any")), exact=True, writes=True),
    **lines(
        "Tensor.fill_diagonal_", lambda d: call(d.x(d.shape(2, 3), kind="any"), d.number(), *([True] if d.flag(0.3) else [])), exact=True, writes=True
    ),
    "isin": Spec(isin, exact=True),
}
