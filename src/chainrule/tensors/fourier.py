"""Fourier transforms by PyTorch's names: the functions of ``torch.fft``.

Without a size ``n`` (or ``s``) an axis is transformed as long as it is; with one it is first cut to that size, or
continued by zeros. ``norm`` says where the factor 1/N stands: at the way "backward" (the default), the way "forward",
or as 1/√N at both ("ortho").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..base import dtypes
from ..base.errors import message
from ..base.shapes import axis
from ..graph.apply import apply
from ..graph.promote import cast
from ..ops import fourier as op
from ..ops.complex import conj
from ..ops.pad import ConstantPadNd
from .coerce import floating, tensor_like
from .inplace import into

COMPLEX = {dtypes.float32: dtypes.complex64, dtypes.float64: dtypes.complex128}
Sizes = Iterable[int] | int | None


# ---------------------------------------------------------------------- what a caller may write, in one form


def numbers(input: Any, name: str) -> Any:
    """The tensor, checked; integers become the default floating dtype."""
    x = floating(tensor_like(input, "input", f"fft_{name}"))
    if x.dtype in dtypes.HALVES:
        raise RuntimeError(
            message(
                f"Unsupported dtype {dtypes.title(x.dtype)}", "transforms are computed in 32 or 64 bits", "x.float()"
            )
        )
    return x


def real_numbers(input: Any, name: str) -> Any:
    x = numbers(input, name)
    if x.array.dtype.kind == "c":
        raise RuntimeError(
            message(
                f"{name} expects a real input tensor, but got {dtypes.title(x.dtype)}",
                "only of real numbers is half of the transform all of it",
                f"torch.fft.{name.replace('r', '', 1) if name[0] == 'r' else 'ifft' + name[5:]}(x) for complex x",
            )
        )
    return x


def complex_numbers(input: Any, name: str) -> Any:
    x = numbers(input, name)
    return x if x.array.dtype.kind == "c" else cast(x, COMPLEX[x.dtype])


def norm_of(norm: str | None) -> str:
    if norm not in (None, "backward", "forward", "ortho"):
        raise RuntimeError(
            message(f'Invalid normalization mode: "{norm}"', "the modes are backward (the default), ortho and forward")
        )
    return norm or "backward"


def one_axis(x: Any, n: int | None, dim: int, name: str) -> tuple[tuple[int, ...], list[int]]:
    """The axis and its size, as tuples of one."""
    if x.array.ndim == 0:
        raise IndexError(
            message(
                f"Dimension specified as {dim} but tensor has no dimensions",
                f"{name} runs along an axis, and this tensor is a single number",
                "x.unsqueeze(0)",
            )
        )
    if n is not None and not isinstance(n, int):
        raise TypeError(f"fft_{name}(): argument 'n' must be int, not {type(n).__name__}")
    d = axis(dim, x.ndim)
    if n is not None and n < 1:
        raise no_points(n)
    return (d,), [x.array.shape[d] if n is None else n]


def no_points(n: int) -> RuntimeError:
    return RuntimeError(message(f"Invalid number of data points ({n}) specified", "a transform needs at least one"))


def some_axes(x: Any, s: Sizes, dim: Sizes, name: str = "") -> tuple[tuple[int, ...], list[int]]:
    """The axes and their sizes: all of them, or the last ones that ``s`` names sizes for; −1 is the size they have."""
    s = [s] if isinstance(s, int) else None if s is None else list(s)
    dim = [dim] if isinstance(dim, int) else None if dim is None else list(dim)
    ndim = x.array.ndim
    if dim is None and s is not None and len(s) > ndim:
        raise RuntimeError(f"Got shape with {len(s)} values but input tensor only has {ndim} dimensions.")
    if dim is None:
        dim = list(range(ndim - (ndim if s is None else len(s)), ndim))
    if s is not None and len(s) != len(dim):
        raise RuntimeError(
            message(
                "When given, dim and shape arguments must have the same length",
                f"dim has {len(dim)}: {dim}, s has {len(s)}: {s}",
            )
        )
    dims = tuple(axis(d, ndim) for d in dim)
    if len(set(dims)) < len(dims):
        raise RuntimeError(message("FFT dims must be unique", f"dim = {dim} names an axis twice"))
    if name and not dims:
        raise RuntimeError(
            message(f"{name} must transform at least one axis", "its last axis is the one that is halved")
        )
    return dims, [x.array.shape[d] if n == -1 else n for d, n in zip(dims, s or [-1] * len(dims))]


def resized(x: Any, dims: tuple[int, ...], sizes: list[int]) -> Any:
    """x with its axes cut, or continued by zeros, to these sizes."""
    for n in sizes:
        if n < 1:
            raise no_points(n)
    shape = x.array.shape
    wanted = dict(zip(dims, sizes))
    pads = tuple([(0, wanted.get(d, n) - n) for d, n in enumerate(shape)])
    return apply(ConstantPadNd(pads, 0), x) if any(more for _, more in pads) else x


# ---------------------------------------------------------------------- the four kinds, over any axes


def full(x: Any, dims: tuple[int, ...], sizes: list[int], norm: str, there: bool) -> Any:
    """The whole transform, one way or the other, of real or complex numbers."""
    x = resized(x, dims, sizes)
    if not dims:
        return cast(x, COMPLEX.get(x.dtype, x.dtype))
    return apply((op.FftC2C if x.array.dtype.kind == "c" else op.FftR2CFull)(dims, norm, there), x)


def half(x: Any, dims: tuple[int, ...], sizes: list[int], norm: str) -> Any:
    """Of real numbers, the half that says all."""
    return apply(op.FftR2C(dims, norm), resized(x, dims, sizes))


def whole(x: Any, dims: tuple[int, ...], sizes: list[int], norm: str) -> Any:
    """The real numbers behind such a half; the last size is theirs."""
    if sizes[-1] < 1:
        raise no_points(sizes[-1])
    return apply(op.FftC2R(dims, norm, sizes[-1]), resized(x, dims, [*sizes[:-1], sizes[-1] // 2 + 1]))


def doubled(x: Any, dims: tuple[int, ...], sizes: list[int], given: bool) -> list[int]:
    """The sizes with the last one doubled where the caller left it open: 2 (m − 1) real numbers have m frequencies."""
    return sizes if given else [*sizes[:-1], 2 * (x.array.shape[dims[-1]] - 1)]


def opposite(norm: str) -> str:
    return op.ADJOINT_NORM[norm]


# ---------------------------------------------------------------------- over one axis


def fft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Any = None) -> Any:
    """y[k] = Σ x[n] e^(−2πi·kn/N), the discrete Fourier transform along ``dim``.

    >>> torch.fft.fft(torch.tensor([1., 0., 0., 0.]))
    tensor([1.+0.j, 1.+0.j, 1.+0.j, 1.+0.j])
    """
    x = numbers(input, "fft")
    return into(out, full(x, *one_axis(x, n, dim, "fft"), norm_of(norm), True))


def ifft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Any = None) -> Any:
    """x[n] = 1/N Σ y[k] e^(2πi·kn/N), which undoes `fft`.

    >>> torch.fft.ifft(torch.tensor([4., 0., 0., 0.]))
    tensor([1.+0.j, 1.+0.j, 1.+0.j, 1.+0.j])
    """
    x = numbers(input, "ifft")
    return into(out, full(x, *one_axis(x, n, dim, "ifft"), norm_of(norm), False))


def rfft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Any = None) -> Any:
    """The first N//2 + 1 entries of `fft` of real numbers; the others are their conjugates.

    >>> torch.fft.rfft(torch.tensor([1., 2., 3.]))
    tensor([ 6.0000+0.0000j, -1.5000+0.8660j])
    """
    x = real_numbers(input, "rfft")
    return into(out, half(x, *one_axis(x, n, dim, "rfft"), norm_of(norm)))


def irfft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Any = None) -> Any:
    """The n real numbers of which `rfft` gives the input; n is 2 (m − 1) for m entries unless given.

    >>> torch.fft.irfft(torch.fft.rfft(torch.tensor([1., 2., 3.])), n=3)
    tensor([1., 2., 3.])
    """
    x = complex_numbers(input, "irfft")
    dims, sizes = one_axis(x, n, dim, "irfft")
    return into(out, whole(x, dims, doubled(x, dims, sizes, n is not None), norm_of(norm)))


def hfft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Any = None) -> Any:
    """The real transform of n entries of which the second half are the conjugates of the first, which is given.

    >>> torch.fft.hfft(torch.tensor([1., 1., 1.]))
    tensor([4., 0., 0., 0.])
    """
    x = complex_numbers(input, "hfft")
    dims, sizes = one_axis(x, n, dim, "hfft")
    return into(out, whole(apply(conj, x), dims, doubled(x, dims, sizes, n is not None), opposite(norm_of(norm))))


def ihfft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Any = None) -> Any:
    """What `hfft` undoes: the first half of the inverse transform of real numbers.

    >>> torch.fft.ihfft(torch.tensor([4., 0., 1., 0.]))
    tensor([1.2500-0.j, 0.7500-0.j, 1.2500-0.j])
    """
    x = real_numbers(input, "ihfft")
    return into(out, apply(conj, half(x, *one_axis(x, n, dim, "ihfft"), opposite(norm_of(norm)))))


# ---------------------------------------------------------------------- over several axes


def fftn(input: Any, s: Sizes = None, dim: Sizes = None, norm: str | None = None, *, out: Any = None) -> Any:
    """`fft` along each of the axes ``dim``, by default all.

    >>> torch.fft.fftn(torch.ones(2, 2))
    tensor([[4.+0.j, 0.+0.j],
            [0.+0.j, 0.+0.j]])
    """
    x = numbers(input, "fftn")
    return into(out, full(x, *some_axes(x, s, dim), norm_of(norm), True))


def ifftn(input: Any, s: Sizes = None, dim: Sizes = None, norm: str | None = None, *, out: Any = None) -> Any:
    """`ifft` along each of the axes ``dim``, by default all."""
    x = numbers(input, "ifftn")
    return into(out, full(x, *some_axes(x, s, dim), norm_of(norm), False))


def rfftn(input: Any, s: Sizes = None, dim: Sizes = None, norm: str | None = None, *, out: Any = None) -> Any:
    """`fftn` of real numbers, along the last axis only the half that says all.

    >>> torch.fft.rfftn(torch.ones(2, 2))
    tensor([[4.+0.j, 0.+0.j],
            [0.+0.j, 0.+0.j]])
    """
    x = numbers(input, "rfftn")
    if x.array.dtype.kind == "c":
        raise RuntimeError(
            message(
                f"rfftn expects a real-valued input tensor, but got {dtypes.title(x.dtype)}",
                "only of real numbers is half of the transform all of it",
                "torch.fft.fftn(x) for complex x",
            )
        )
    return into(out, half(x, *some_axes(x, s, dim, "rfftn"), norm_of(norm)))


def irfftn(input: Any, s: Sizes = None, dim: Sizes = None, norm: str | None = None, *, out: Any = None) -> Any:
    """The real numbers of which `rfftn` gives the input; the last size is 2 (m − 1) for m entries unless given."""
    x = complex_numbers(input, "irfftn")
    dims, sizes = some_axes(x, s, dim, "irfftn")
    return into(out, whole(x, dims, doubled(x, dims, sizes, last_given(s)), norm_of(norm)))


def hfftn(input: Any, s: Sizes = None, dim: Sizes = None, norm: str | None = None, *, out: Any = None) -> Any:
    """`fft` along all of the axes but the last, and along the last `hfft`."""
    x = complex_numbers(input, "hfftn")
    dims, sizes = some_axes(x, s, dim, "hfftn")
    sizes = doubled(x, dims, sizes, last_given(s))
    x = full(x, dims[:-1], sizes[:-1], norm_of(norm), True)
    return into(out, whole(apply(conj, x), dims[-1:], sizes[-1:], opposite(norm_of(norm))))


def ihfftn(input: Any, s: Sizes = None, dim: Sizes = None, norm: str | None = None, *, out: Any = None) -> Any:
    """`ihfft` along the last of the axes, and `ifft` along the others."""
    x = numbers(input, "ihfftn")
    dims, sizes = some_axes(x, s, dim, "ihfftn")
    if x.array.dtype.kind == "c":
        raise RuntimeError(
            message(
                f"Only supports floating-point dtypes, but found: {dtypes.title(x.dtype)}",
                "only of real numbers is half of the transform all of it",
                "torch.fft.ifftn(x) for complex x",
            )
        )
    y = apply(conj, half(resized(x, dims, sizes), dims[-1:], sizes[-1:], opposite(norm_of(norm))))
    return into(out, full(y, dims[:-1], sizes[:-1], norm_of(norm), False))


def last_given(s: Sizes) -> bool:
    """Whether the caller said how long the last axis is to be."""
    s = [s] if isinstance(s, int) else [-1] if s is None else list(s)
    return bool(s) and s[-1] != -1


def in_two(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function over two axes, by default the last two, that belongs to one over any."""

    def over_two(
        input: Any, s: Sizes = None, dim: Sizes = (-2, -1), norm: str | None = None, *, out: Any = None
    ) -> Any:
        return function(input, s, dim, norm, out=out)

    over_two.__name__ = over_two.__qualname__ = function.__name__[:-1] + "2"
    over_two.__doc__ = f"`{function.__name__}` over two axes, by default the last two."
    return over_two


fft2, ifft2, rfft2, irfft2, hfft2, ihfft2 = map(in_two, (fftn, ifftn, rfftn, irfftn, hfftn, ihfftn))


# ---------------------------------------------------------------------- frequencies, and their order


def fftfreq(n: int, d: float = 1.0, *, out: Any = None, dtype: Any = None, **options: Any) -> Any:
    """The frequency of each entry of a transform of n samples ``d`` apart: 0, 1, …, −2, −1, each over n·d.

    >>> torch.fft.fftfreq(4)
    tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    """
    from .filled import arange
    from .joining import cat

    steps = cat([arange((n + 1) // 2), arange(-(n // 2), 0)])
    return into(out, frequencies("fftfreq", steps, n, d, dtype, options))


def rfftfreq(n: int, d: float = 1.0, *, out: Any = None, dtype: Any = None, **options: Any) -> Any:
    """The frequency of each entry of `rfft` of n samples ``d`` apart: 0, 1, …, n//2, each over n·d.

    >>> torch.fft.rfftfreq(4)
    tensor([0.0000, 0.2500, 0.5000])
    """
    from .filled import arange

    return into(out, frequencies("rfftfreq", arange(n // 2 + 1), n, d, dtype, options))


def frequencies(name: str, steps: Any, n: int, d: float, dtype: Any, options: dict[str, Any]) -> Any:
    """steps / (n·d), in the floating dtype asked for."""
    from .filled import empty

    like = empty(0, dtype=dtype, **options)
    if like.array.dtype.kind in "bui":
        raise RuntimeError(message(f"{name} requires a floating point or complex dtype", f"dtype is {like.dtype}"))
    found = steps.to(like.dtype) * (1.0 / (n * d) if n else 0.0)
    return found.requires_grad_(like.requires_grad)


def fftshift(input: Any, dim: Sizes = None) -> Any:
    """The entries rotated so that frequency 0 comes to the middle.

    >>> torch.fft.fftshift(torch.tensor([0, 1, 2, -2, -1]))
    tensor([-2, -1,  0,  1,  2])
    """
    return rotated(input, dim, lambda n: n // 2)


def ifftshift(input: Any, dim: Sizes = None) -> Any:
    """What undoes `fftshift`.

    >>> torch.fft.ifftshift(torch.tensor([-2, -1, 0, 1, 2]))
    tensor([ 0,  1,  2, -2, -1])
    """
    return rotated(input, dim, lambda n: (n + 1) // 2)


def rotated(input: Any, dim: Sizes, shift: Callable[[int], int]) -> Any:
    from .rearranging import roll

    x = tensor_like(input, "input", "fft_fftshift")
    given = range(x.array.ndim) if dim is None else [dim] if isinstance(dim, int) else dim
    dims = tuple([axis(d, x.array.ndim) for d in given])
    return roll(x, tuple([shift(x.array.shape[d]) for d in dims]), dims) if dims else x.clone()
