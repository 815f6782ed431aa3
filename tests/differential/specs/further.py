"""Fourier transforms, windows, factorisations, and the second names that functions have."""

from ..draw import Draw, call
from . import functional as f
from . import shapes as s
from .elementwise import ELEMENTWISE
from .functional import FUNCTIONAL
from .layers import entry
from .matrices import away, matrix, sizes, square
from .shapes import SHAPES
from .spec import Spec, exists, lines


def signal(d: Draw, kind="full"):
    return d.x(d.shape(1, 3, 0.01), kind=kind, values=d.pick("normal", "small", "unit"))


def norm(d: Draw):
    return d.some(0.3, norm=lambda: d.pick("ortho", "forward", "backward"))


def transform(kind):
    def drawn(d: Draw):
        x = signal(d, "complex" if kind == "complex" or kind == "any" and d.flag() else "full")
        return call(x, **d.some(0.35, n=lambda: d.randint(1, 6), dim=lambda: d.dim(x)), **norm(d))

    return drawn


def transform_2d(kind, least=2):
    def drawn(d: Draw):
        x = d.x(d.shape(least, 3, 0.01), kind="complex" if kind == "complex" or kind == "any" and d.flag() else "full", values="normal")
        if d.flag(0.3):
            return call(x, s=tuple(d.randint(1, 5) for _ in range(2)), dim=(-2, -1), **norm(d))
        return call(x, **norm(d))

    return drawn


def shift(d: Draw):
    x = d.x(kind="any")
    return call(x, **d.some(0.5, dim=lambda: d.dims(x)))


def frequencies(d: Draw):
    return call(d.randint(1, 8), **d.some(0.4, d=lambda: d.pick(1.0, 0.5, 2)))


FOURIER = {
    **lines("fft.fft fft.ifft", transform("any")),
    **lines("fft.rfft fft.ihfft", transform("real")),
    **lines("fft.irfft fft.hfft", transform("any")),
    **lines("fft.fft2 fft.ifft2 fft.fftn fft.ifftn", transform_2d("any")),
    **lines("fft.rfft2 fft.rfftn fft.ihfft2 fft.ihfftn", transform_2d("real")),
    **lines("fft.irfft2 fft.irfftn fft.hfft2 fft.hfftn", transform_2d("complex")),
    **lines("fft.fftshift fft.ifftshift", shift, exact=True),
    **lines("fft.fftfreq fft.rfftfreq", frequencies),
    **lines(
        "signal.windows.bartlett signal.windows.blackman signal.windows.cosine signal.windows.hamming signal.windows.hann "
        "signal.windows.nuttall signal.windows.exponential signal.windows.kaiser",
        lambda d: call(d.randint(0, 8), **d.some(0.3, sym=d.flag)),
    ),
    "signal.windows.gaussian": Spec(lambda d: call(d.randint(1, 8), **d.some(0.4, std=lambda: d.pick(0.5, 2.0), sym=d.flag))),
}


def magnitudes(t, x):
    """Eigenvalues come in any order: their sizes, sorted."""
    return t.linalg.eigvals(x).abs().sort().values


def rebuilt(t, x):
    values, vectors = t.linalg.eig(x)
    return (vectors * values.unsqueeze(-2)) @ t.linalg.inv(vectors)


def reflected(d: Draw):
    n, k = d.randint(1, 4), d.randint(1, 4)
    x = d.x((max(n, k), min(n, k)), kind="full", values="unit")
    return call(x, d.x((min(n, k),), dtype=x.dtype, values="unit"))


def lu_solve(t, a, b, **named):
    lu, pivots = t.linalg.lu_factor(away(t, a))
    return t.linalg.lu_solve(lu, pivots, b, **named)


def solve(d: Draw):
    a = square(d)
    return call(a, d.x((*a.shape[:-1], d.size()), dtype=a.dtype, values="normal"))


FACTORS = {
    "linalg.eigvals": Spec(lambda d: call(square(d)), magnitudes, orders=0),
    "linalg.eig": Spec(lambda d: call(square(d)), rebuilt, orders=0),
    "linalg.lu": Spec(lambda d: call(matrix(d)), lambda t, x: t.linalg.lu(x)),
    "linalg.lu_factor": Spec(lambda d: call(square(d)), lambda t, x: t.linalg.lu_factor(x)),
    "linalg.lu_solve": Spec(solve, lu_solve),
    "linalg.solve_ex": Spec(solve, lambda t, a, b: t.linalg.solve_ex(away(t, a), b)),
    "linalg.householder_product": Spec(reflected, orders=1),
    "linalg.tensorinv": Spec(lambda d: call(square(d, batch=False), ind=1), lambda t, x, **k: t.linalg.tensorinv(away(t, x), **k)),
    "lu_solve": Spec(solve, lambda t, a, b: t.lu_solve(b, *t.linalg.lu_factor(away(t, a)))),
    "cholesky_solve": Spec(
        solve, lambda t, a, b: t.cholesky_solve(b, t.linalg.cholesky(a @ a.mT + 2 * t.eye(a.shape[-1], dtype=a.dtype)))
    ),
    **lines("nuclear_norm", lambda d: call(d.x(sizes(d, 2), kind="full", values="normal"))),
}

IN_PLACE = {
    name.removeprefix("Tensor."): Spec(spec.draw, exact=spec.exact, writes=True)
    for name, spec in ELEMENTWISE.items()
    if name.startswith("Tensor.") and name.endswith("_") and exists(name.removeprefix("Tensor."))
}
COPIES = "as_strided diagonal expand permute select split split_with_sizes squeeze t transpose unbind unsqueeze".split()


def recipe(name):
    from .indexing import INDEXING

    return (SHAPES | INDEXING).get(name, SHAPES.get(f"Tensor.{name}")).draw


SAME = "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d avg_pool1d adaptive_avg_pool1d bilinear pdist rms_norm"
SECOND_NAMES = {
    **{f"{name}_copy": Spec(recipe(name), exact=True) for name in COPIES if name not in ("expand", "split", "split_with_sizes")},
    "split_with_sizes_copy": Spec(lambda d: (lambda x: call(x, [1] * x.shape[0]))(d.x(d.shape(1, 3), kind="any")), exact=True),
    "view_copy": Spec(s.reshape, exact=True),
    "expand_copy": Spec(lambda d: call(*s.expand(d)), exact=True),
    "unfold_copy": Spec(s.unfold, exact=True),
    **lines("alias_copy detach_copy", lambda d: call(d.x(kind="any")), exact=True),
    **{name: FUNCTIONAL[f"nn.functional.{name}"] for name in SAME.split()},
    **lines("pixel_shuffle", f.shuffled, exact=True),
    **lines("pixel_unshuffle", f.unshuffled, exact=True),
    **lines("channel_shuffle", f.channels, exact=True),
    **lines("unsafe_chunk", s.chunk, exact=True),
    **lines("unsafe_split split_copy", lambda d: call(d.x(d.shape(1, 3), kind="any"), d.randint(1, 4)), exact=True),
    "empty_permuted": Spec(lambda d: call((2, 3), (1, 0)), lambda t, *a: t.empty_permuted(*a).stride()),
    "fill": Spec(lambda d: call(x := d.x(kind="any"), d.number(x.dtype))),
    **{f"nn.functional.{n}_": Spec(f.plain, writes=True) for n in "relu selu celu elu leaky_relu hardtanh".split()},
    **{f"nn.functional.max_pool{n}d_with_indices": Spec(f.pooled(n, "max"), needs=f"nn.functional.max_pool{n}d_with_indices") for n in (1, 2, 3)},
    "nn.functional.upsample_nearest": Spec(
        lambda d: call(d.x((1, 2, d.randint(1, 4), d.randint(1, 4)), kind="full"), scale_factor=2), needs="nn.functional.upsample_nearest"
    ),
    "nn.functional.upsample_bilinear": Spec(lambda d: call(d.x((1, 2, d.randint(1, 4), d.randint(1, 4)), kind="full"), scale_factor=2)),
    **{
        f"nn.functional.fractional_max_pool{n}d": Spec(
            lambda d, n=n: call(d.x((1, 2, *(d.randint(4, 6) for _ in range(n))), kind="full", values="apart"), 2, output_size=(2,) * n), random=True
        )
        for n in (2, 3)
    },
}


def pair(values):
    def drawn(d: Draw):
        x = d.x(d.shape(2, 2, 0), kind="full", values=values)
        return call(x, inputs=(d.x(x.shape, dtype=x.dtype, values="unit", grad=0),), **d.some(0.5, reduction=lambda: d.pick("mean", "sum", "none")))

    return drawn


def three(last):
    def drawn(d: Draw):
        x = d.x(d.shape(2, 2, 0), kind="full", values="normal")
        shape = x.shape if last != "rows" else x.shape[:1]
        others = (d.x(x.shape, dtype=x.dtype, values="normal"), d.x(shape, dtype=x.dtype, values="sign" if last != "normal" else "normal", grad=0))
        return call(x, inputs=others, **d.some(0.5, reduction=lambda: d.pick("mean", "sum", "none")))

    return drawn


MORE_LAYERS = {
    "nn.BCELoss": entry("BCELoss", pair("unit")),
    "nn.GaussianNLLLoss": entry("GaussianNLLLoss", lambda d: (lambda a: call(a[0], inputs=a[1:]))(f.gaussian(d)[0])),
    "nn.MarginRankingLoss": entry("MarginRankingLoss", three("same")),
    "nn.CosineEmbeddingLoss": entry("CosineEmbeddingLoss", three("rows")),
    "nn.TripletMarginLoss": entry("TripletMarginLoss", three("normal")),
    "nn.MultiLabelMarginLoss": entry("MultiLabelMarginLoss", lambda d: (lambda a: call(a[0], inputs=a[1:]))(f.multilabel(d)[0])),
    **{
        f"nn.LazyBatchNorm{n}d": entry(f"LazyBatchNorm{n}d", lambda d, n=n: call(d.x((2, 3, *(d.randint(1, 3) for _ in range(n))), kind="full", values="normal")))
        for n in (1, 2, 3)
    },
}  # fmt: skip
FURTHER = IN_PLACE | SECOND_NAMES
