"""What moves entries and computes nothing: views, joining, splitting, copies, conversions."""

from ..draw import Draw, call
from .spec import Spec, forms, lines


def dims_of(d: Draw, x):
    return tuple(d.rng.sample(range(len(x.shape)), len(x.shape)))


def reshaped(d: Draw, x):
    """A shape for as many entries, perhaps with -1, seldom a wrong one."""
    n = 1
    for s in x.shape:
        n *= s
    if d.flag(0.03):
        return d.shape()
    found = []
    rest = n
    while rest > 1 and d.flag(0.7):
        divisors = [k for k in range(1, rest + 1) if rest % k == 0]
        found.append(d.choice(divisors))
        rest //= found[-1]
    found.append(rest)
    if d.flag(0.3):
        found[d.randint(0, len(found) - 1)] = -1
    return tuple(found)


def reshape(d: Draw):
    x = d.x(kind="any")
    shape = reshaped(d, x)
    return call(x, shape) if d.flag(0.7) else call(x, list(shape))


def reshape_args(d: Draw):
    x = d.x(kind="any")
    shape = reshaped(d, x)
    return call(x, shape) if d.flag(0.4) else call(x, *shape)


def permute(d: Draw):
    x = d.x(kind="any")
    dims = tuple(k - len(x.shape) if d.flag(0.3) else k for k in dims_of(d, x))
    return call(x, dims[:-1] if dims and d.flag(0.02) else dims)


def permute_args(d: Draw):
    (x, dims), _ = permute(d)
    return call(x, *dims) if dims and d.flag() else call(x, dims)


def two_dims(d: Draw):
    x = d.x(kind="any")
    return call(x, d.dim(x), d.dim(x))


def move(d: Draw):
    x = d.x(kind="any")
    if d.flag(0.6):
        return call(x, d.dim(x), d.dim(x))
    n = d.randint(0, len(x.shape))
    return call(x, tuple(dims_of(d, x)[:n]), tuple(dims_of(d, x)[:n]))


def squeeze(d: Draw):
    x = d.x(tuple(d.pick(1, 1, s) for s in d.shape()), kind="any")
    return call(x) if d.flag(0.3) else call(x, d.dim(x)) if d.flag(0.7) else call(x, d.dims(x))


def unsqueeze(d: Draw):
    x = d.x(kind="any")
    return call(x, d.dim((0, *x.shape)))


def one(d: Draw, least=0, most=4):
    return call(d.x(d.shape(least, most), kind="any"))


def expand(d: Draw):
    x = d.x(tuple(d.pick(1, s) for s in d.shape()), kind="any")
    shape = tuple(d.pick(-1, s) if s > 1 or d.flag(0.3) else d.size() for s in x.shape)
    shape = (*(d.size() for _ in range(d.pick(0, 0, 1, 2))), *shape)
    return x, shape


def flatten(d: Draw):
    x = d.x(kind="any")
    return call(x, *(d.pick(0, 1, -2, d.dim(x)) for _ in range(d.pick(0, 1, 2))), **d.some(0.1, end_dim=lambda: d.dim(x)))


def unflatten(d: Draw):
    x = d.x(d.shape(1, 3), kind="any")
    k = d.randint(0, len(x.shape) - 1)
    n = x.shape[k]
    a = d.choice([i for i in range(1, n + 1) if n % i == 0] or [1])
    return call(x, k - len(x.shape) if d.flag(0.4) else k, d.pick((a, -1), (a, n // a), (a, -1), (a, n + 1) if d.flag(0.1) else (n,)))


def diagonal(d: Draw):
    x = d.x(d.shape(2, 4), kind="any")
    kw = d.some(0.4, offset=lambda: d.randint(-3, 3))
    if d.flag(0.3):
        a, b = d.rng.sample(range(len(x.shape)), 2)
        kw |= {"dim1": a, "dim2": b - len(x.shape)}
    return call(x, **kw)


def diag(d: Draw):
    return call(d.x(d.shape(1, 2) if d.flag(0.97) else d.shape(), kind="any"), *([d.randint(-3, 3)] if d.flag() else []))


def diag_embed(d: Draw):
    return call(d.x(kind="any"), **d.some(0.3, offset=lambda: d.randint(-2, 2)))


def triangle(d: Draw):
    return call(d.x(d.shape(2, 4) if d.flag(0.97) else (3,), kind="any"), *([d.randint(-3, 3)] if d.flag() else []))


def unfold(d: Draw):
    x = d.x(kind="any")
    return call(x, d.dim(x), d.randint(0, 4), d.randint(1, 3))


def flip(d: Draw):
    x = d.x(kind="any")
    dims = d.dims(x)
    return call(x, dims if isinstance(dims, (tuple, list)) else (dims,))


def roll(d: Draw):
    x = d.x(kind="any")
    if d.flag(0.3):
        return call(x, d.randint(-4, 4))
    dims = d.dims(x)
    shifts = d.randint(-4, 4) if isinstance(dims, int) else type(dims)(d.randint(-4, 4) for _ in dims)
    return call(x, shifts, dims)


def rot90(d: Draw):
    x = d.x(d.shape(2, 4) if d.flag(0.95) else d.shape(), kind="any")
    n = len(x.shape)
    return call(x, d.randint(-3, 5), tuple(d.rng.sample(range(n), 2))) if n >= 2 else call(x)


def repeat(d: Draw):
    x = d.x(d.shape(0, 3), kind="any")
    return x, tuple(d.randint(0, 3) if d.flag(0.1) else d.randint(1, 3) for _ in range(len(x.shape) + d.pick(0, 0, 1)))


def interleave(d: Draw):
    x = d.x(d.shape(0, 3), kind="any")
    if d.flag(0.5):
        return call(x, d.randint(0, 3), **d.some(0.7, dim=lambda: d.dim(x)))
    dim = d.dim(x, 0.0)
    n = x.shape[dim] if x.shape else 1
    from ..case import X

    return call(x, X((n,), "int64", values="below 4", seed=d.randint(0, 99)), dim=dim)


def several(d: Draw, same=False):
    """Tensors of shapes that agree but for one axis, and that axis."""
    x = d.x(d.shape(1, 4), kind="any")
    k = d.randint(0, len(x.shape) - 1)
    parts = [x]
    for _ in range(d.pick(0, 1, 1, 2, 3)):
        shape = x.shape if same or d.flag(0.3) else (*x.shape[:k], d.size(0.1), *x.shape[k + 1 :])
        if d.flag(0.02):
            shape = d.shape()
        parts.append(d.x(shape, dtype=x.dtype if d.flag(0.8) else d.dtype("any")))
    return (parts if d.flag() else tuple(parts)), (k - len(x.shape) if d.flag(0.4) else k)


def cat(d: Draw):
    parts, k = several(d)
    return call(parts, k) if d.flag(0.9) else call(parts)


def stack(d: Draw):
    parts, _ = several(d, True)
    return call(parts, d.dim((0, *parts[0].shape))) if d.flag(0.8) else call(parts)


def hstack(d: Draw):
    parts, _ = several(d, d.flag(0.8))
    return call(parts)


def split(d: Draw):
    x = d.x(kind="any")
    dim = d.dim(x)
    n = x.shape[dim] if x.shape and -len(x.shape) <= dim < len(x.shape) else 1
    if d.flag(0.6):
        return call(x, d.randint(0, 4) if d.flag(0.1) else d.randint(1, 4), dim)
    a = d.randint(0, n)
    return call(x, [a, n - a] if d.flag(0.9) else [a, n], dim)


def chunk(d: Draw):
    x = d.x(kind="any")
    return call(x, d.randint(1, 5) if d.flag(0.97) else 0, *([d.dim(x)] if d.flag(0.7) else []))


def tensor_split(d: Draw):
    x = d.x(kind="any")
    return call(x, d.randint(1, 5) if d.flag() else tuple(d.randint(-2, 5) for _ in range(d.randint(0, 3))), *([d.dim(x)] if d.flag(0.7) else []))


def hsplit(d: Draw):
    x = d.x(d.shape(0, 4), kind="any")
    return call(x, d.randint(1, 3) if d.flag() else tuple(sorted(d.randint(0, 4) for _ in range(d.randint(0, 3)))))


def unbind(d: Draw):
    x = d.x(kind="any")
    return call(x, *([d.dim(x)] if d.flag(0.6) else []))


def strided(d: Draw):
    x = d.x(d.shape(1, 3), kind="any", layout="plain")
    shape = d.shape(0, 3)
    return call(x, shape, tuple(d.randint(0, 2) for _ in shape), *([d.randint(0, 2)] if d.flag(0.4) else []))


def convert(d: Draw):
    x = d.x(kind="any")
    return call(x, d.at("any"), **d.some(0.2, copy=d.flag))


def to_number(d: Draw):
    return call(d.x((1,) * d.randint(0, 2) if d.flag(0.9) else d.shape(), kind="any"))


def meshgrid(d: Draw):
    x = d.x(d.shape(0, 1), kind="any")
    return call(*(d.x(d.shape(0, 1), dtype=x.dtype) for _ in range(d.randint(1, 3))), indexing=d.pick("ij", "xy"))


def broadcast(d: Draw):
    x = d.x(kind="any")
    return call(*(d.other(x) for _ in range(d.randint(1, 3))))


ONE = "t ravel atleast_1d atleast_2d atleast_3d fliplr flipud adjoint detach clone numel is_nonzero T mT H mH"
METHODS = "contiguous is_contiguous dim stride size storage_offset nelement element_size ndimension get_device is_same_size"

SHAPES = {
    **forms("t ravel atleast_1d atleast_2d atleast_3d fliplr flipud adjoint clone numel", one, out=False, exact=True),
    **lines(
        "Tensor.contiguous Tensor.is_contiguous Tensor.dim Tensor.stride Tensor.size Tensor.storage_offset Tensor.nelement "
        "Tensor.element_size Tensor.detach Tensor.tolist Tensor.double Tensor.float Tensor.half Tensor.bfloat16 Tensor.int Tensor.long "
        "Tensor.short Tensor.char Tensor.byte Tensor.bool Tensor.cdouble Tensor.cfloat Tensor.type Tensor.cpu Tensor.__len__",
        one,
        exact=True,
    ),
    **{
        f"attribute.{name}": Spec(one, lambda t, x, name=name: getattr(x, name), exact=True, needs=f"Tensor.{name}")
        for name in "T mT H mH shape ndim dtype is_leaf requires_grad itemsize nbytes real imag".split()
    },
    **lines("Tensor.item is_nonzero Tensor.__bool__ Tensor.__int__ Tensor.__float__ Tensor.__index__ Tensor.__complex__", to_number),
    "repr": Spec(lambda d: one(d, 0, 3), lambda t, x: repr(x), needs="tensor"),
    "iterate": Spec(one, lambda t, x: list(x), exact=True, needs="tensor"),
    **forms("reshape", reshape, out=False, exact=True),
    **lines("Tensor.reshape Tensor.view", reshape_args, exact=True),
    **forms("permute", permute, out=False, exact=True),
    **lines("Tensor.permute", permute_args, exact=True),
    **forms("transpose swapaxes swapdims", two_dims, out=False, exact=True),
    **forms("movedim moveaxis", move, out=False, exact=True),
    **forms("squeeze", squeeze, out=False, exact=True),
    **forms("unsqueeze", unsqueeze, out=False, exact=True),
    **lines("broadcast_to", lambda d: call(*expand(d)), exact=True),
    **lines("Tensor.expand Tensor.broadcast_to", lambda d: call(*expand(d)) if d.flag() else (lambda x, s: call(x, s))(*expand(d)), exact=True),
    "Tensor.expand_as": Spec(lambda d: call(x := d.x(kind="any"), d.other(x)), exact=True),
    "Tensor.view_as": Spec(lambda d: call(x := d.x(kind="any"), d.x(x.shape if d.flag() else d.shape())), exact=True),
    "Tensor.reshape_as": Spec(lambda d: call(x := d.x(kind="any"), d.x(x.shape if d.flag() else x.shape[::-1])), exact=True),
    "Tensor.type_as": Spec(lambda d: call(d.x(kind="any"), d.x(kind="any")), exact=True),
    **forms("flatten", flatten, out=False, exact=True),
    **forms("unflatten", unflatten, out=False, exact=True),
    **forms("diagonal", diagonal, out=False, exact=True),
    **lines("linalg.diagonal", diagonal, exact=True),
    **forms("diag", diag, exact=True),
    **forms("diagflat", diag, out=False, exact=True),
    **forms("diag_embed", diag_embed, out=False, exact=True),
    **forms("tril triu", triangle, exact=True),
    "Tensor.unfold": Spec(unfold, exact=True),
    **forms("flip", flip, out=False, exact=True),
    **forms("roll", roll, out=False, exact=True),
    **forms("rot90", rot90, out=False, exact=True),
    **forms("tile", lambda d: call(*repeat(d)), out=False, exact=True),
    "Tensor.repeat": Spec(lambda d: call(*repeat(d)) if d.flag() else (lambda x, r: call(x, *r))(*repeat(d)), exact=True),
    **forms("repeat_interleave", interleave, out=False, exact=True),
    **lines("cat concat concatenate", cat, exact=True),
    **lines("stack", stack, exact=True),
    **lines("hstack vstack dstack column_stack row_stack block_diag", hstack, exact=True),
    "block_diag": Spec(lambda d: call(*(d.x(d.shape(0, 2), kind="inexact", dtype="float64") for _ in range(d.randint(1, 3)))), exact=True),
    **forms("split", split, out=False, exact=True),
    **forms("split_with_sizes", lambda d: split(d), out=False, exact=True),
    **forms("chunk", chunk, out=False, exact=True),
    **forms("tensor_split", tensor_split, out=False, exact=True),
    **forms("hsplit vsplit dsplit", hsplit, out=False, exact=True),
    **forms("unbind", unbind, out=False, exact=True),
    **forms("as_strided", strided, out=False),
    **lines("Tensor.to", convert),
    **lines("meshgrid", meshgrid, exact=True),
    **lines("broadcast_tensors", broadcast, exact=True),
    "broadcast_shapes": Spec(lambda d: call(*((s := d.shape()), d.partner(s))), exact=True),
    "cartesian_prod": Spec(lambda d: call(*(d.x((d.size(),), dtype="float64") for _ in range(d.randint(1, 3)))), exact=True),
    "combinations": Spec(lambda d: call(d.x((d.size(),), kind="any"), **d.some(0.5, r=lambda: d.randint(0, 3), with_replacement=d.flag)), exact=True),
}
