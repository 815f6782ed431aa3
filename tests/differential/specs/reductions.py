"""Sums, means, extremes, orders, and what runs along an axis."""

from ..draw import Draw, call
from .spec import Spec, forms, lines


def along(d: Draw, kind="any", dims=True, keep=True, dtype=False, **named):
    """x, then perhaps an axis or axes, keepdim, dtype: by place or by name."""
    x = d.x(kind=kind, **named)
    args, kw = [x], {}
    if d.flag(0.65):
        dim = d.dims(x) if dims else d.dim(x)
        if d.flag():
            args.append(dim)
            if keep and d.flag(0.3):
                args.append(d.flag())
                keep = False
        else:
            kw["dim"] = dim
        if keep:
            kw |= d.some(0.35, keepdim=d.flag)
    if dtype:
        kw |= d.some(0.15, dtype=lambda: d.at("any"))
    return call(*args, **kw)


def one_axis(d: Draw, kind="any", keep=True, p=1.0, **named):
    x = d.x(kind=kind, **named)
    args = [x, d.dim(x)] if d.flag(p) else [x]
    return call(*args, **(d.some(0.3, keepdim=d.flag) if keep and len(args) > 1 else {}))


def cumulative(d: Draw, kind="any"):
    x = d.x(kind=kind)
    return call(x, d.dim(x), **d.some(0.15, dtype=lambda: d.at("any")))


def logsumexp(d: Draw):
    x = d.x(kind="any")
    return call(x, d.dims(x), **d.some(0.3, keepdim=d.flag))


def variance(d: Draw):
    args, kw = along(d, "inexact" if d.flag(0.95) else "any", keep=False)
    return call(*args[:2], **kw, **d.some(0.35, keepdim=d.flag), **d.some(0.4, **{d.pick("correction", "unbiased"): lambda: d.pick(0, 1, True, False)}))


def norm(d: Draw):
    args, kw = along(d, "inexact", values=d.pick("normal", "small", "zeros", "apart"))
    p = d.pick("fro", 1, 2, 0, 3, 0.5, float("inf"), -float("inf"), 2.0, -1)
    if len(args) > 1 or kw:
        return call(args[0], p, *args[1:], **kw)
    return call(args[0]) if d.flag(0.4) else call(args[0], p)


def distance(d: Draw):
    x = d.x(kind="float")
    return call(x, d.x(d.partner(x.shape), dtype=x.dtype), **d.some(0.5, p=lambda: d.pick(0, 1, 2, 3, float("inf"), 0.5)))


def extreme(d: Draw):
    if d.flag(0.2):
        x = d.x(kind="any")
        return call(x, d.other(x))
    return along(d, dims=d.flag(0.05), values=ties(d))


def ties(d: Draw):
    return d.pick("small", "small", "normal", "edges", "apart", "bits")


def sort(d: Draw):
    x = d.x(kind="any", values=ties(d))
    named = d.some(0.4, descending=d.flag, stable=d.flag)
    return call(x, **({"dim": d.dim(x)} if d.flag() or "stable" in named else {}), **named)


def sort_any(d: Draw):
    """argsort and sort without stable: ties may come in any order, so there are none."""
    x = d.x(kind="real", values="apart")
    x = x if x.dtype in ("float32", "float64") else d.x(x.shape, kind="full", values="apart", layout="plain")
    return call(x, *([d.dim(x)] if d.flag() else []), **d.some(0.4, descending=d.flag))


def topk(d: Draw):
    x = d.x(kind="full", values="apart", layout=d.pick("plain", "T", "step"))
    n = x.shape[-1] if x.shape else 1
    kw = d.some(0.3, largest=d.flag, sorted=True)
    if d.flag(0.4):
        dim = d.dim(x)
        kw["dim"] = dim
        n = x.shape[dim] if x.shape and -len(x.shape) <= dim < len(x.shape) else 1
    return call(x, d.randint(0, n) if d.flag(0.95) else n + 1, **kw)


def kth(d: Draw):
    x = d.x(kind="full", values="apart")
    dim = d.dim(x)
    n = x.shape[dim] if x.shape and -len(x.shape) <= dim < len(x.shape) else 1
    return call(x, d.randint(1, max(n, 1)) if d.flag(0.95) else n + 1, dim, **d.some(0.3, keepdim=d.flag))


def median(d: Draw):
    args, kw = along(d, dims=False, values=d.pick("apart", "apart", "edges"))
    return call(*args, **kw)


def quantile(d: Draw):
    values = d.pick("normal", "small", "apart", "edges")
    x = d.x(kind="full", values=values, grad=0 if values in ("small", "edges") else 0.6)  # PyTorch's sort shuffles ties
    q = d.pick(0.5, 0.0, 1.0, 0.25) if d.flag() else d.x(d.pick((), (3,), (1,)), dtype=x.dtype, values="unit", grad=0, layout="plain")
    kw = d.some(0.3, keepdim=d.flag, interpolation=lambda: d.pick("linear", "lower", "higher", "midpoint", "nearest"))
    return call(x, q, **({"dim": d.dim(x)} if d.flag(0.7) else {}), **kw)


def counted(d: Draw):
    x = d.x((d.size(),), kind="int", values="bits" if d.flag(0.3) else "below 6", grad=0)
    kw = d.some(0.4, weights=lambda: d.x(x.shape, kind="full", grad=0), minlength=lambda: d.randint(0, 8))
    return call(x, **kw)


def histc(d: Draw):
    return call(d.x(kind="full", grad=0), **d.some(0.5, bins=lambda: d.randint(1, 6), min=lambda: d.pick(-1, 0, -2.0), max=lambda: d.pick(0, 1, 3.0)))


def histogram(d: Draw):
    x = d.x(kind="full", grad=0, values="normal")
    return call(x, d.randint(1, 6), **d.some(0.4, range=lambda: d.pick((-1.0, 1.0), (0.0, 3.0)), density=d.flag))


def unique(d: Draw):
    x = d.x(kind="any", values=d.pick("small", "bits"), grad=0.2)
    kw = d.some(0.4, sorted=True, return_inverse=d.flag, return_counts=d.flag)
    return call(x, **kw, **d.some(0.3, dim=lambda: d.dim(x)))


def consecutive(d: Draw):
    x = d.x(kind="any", values="bits", grad=0.2)
    return call(x, **d.some(0.4, return_inverse=d.flag, return_counts=d.flag), **d.some(0.3, dim=lambda: d.dim(x)))


def differences(d: Draw):
    x = d.x(kind="any")
    return call(x, **d.some(0.4, n=lambda: d.randint(0, 3), dim=lambda: d.dim(x)))


def trapezoid(d: Draw):
    y = d.x(d.shape(1, 3), kind="float")
    if d.flag(0.4):
        return call(y, d.x(y.shape, dtype=y.dtype, layout="plain"), **d.some(0.4, dim=lambda: d.dim(y)))
    return call(y, **d.some(0.4, dx=d.number, dim=lambda: d.dim(y)))


def covariance(d: Draw):
    return call(d.x(d.shape(0, 2), kind="inexact", values="normal"), **d.some(0.3, correction=lambda: d.randint(0, 1)))


def searching(d: Draw):
    edges = tuple(sorted(d.rng.uniform(-2, 2) for _ in range(d.randint(1, 6))))
    x = d.x(kind="full", values="normal", grad=0)
    from ..case import X

    return X((len(edges),), x.dtype, values=edges), x


REDUCTIONS = {
    **forms("sum prod nansum", lambda d: along(d, dims=d.flag(0.8), dtype=True)),
    **forms("mean nanmean", lambda d: along(d, "inexact" if d.flag(0.9) else "any", dtype=True)),
    **forms("amax amin", lambda d: along(d, values=ties(d))),
    **forms("max min", extreme, out=False),
    **forms("aminmax", lambda d: call(*(x := along(d, dims=False, keep=False))[0][:1], **x[1]), out=False),
    **forms("argmax argmin", lambda d: along(d, dims=False, values=ties(d)), exact=True),
    **forms("all any", along, exact=True),
    **forms("count_nonzero", lambda d: along(d, keep=False), out=False, exact=True),
    **forms("var std", variance),
    **forms("var_mean std_mean", variance, out=False),
    **forms("logsumexp", logsumexp),
    **lines("special.logsumexp", logsumexp),
    **forms("norm", norm),
    **forms("dist", distance, out=False),
    **forms("softmax log_softmax", cumulative, out=False),
    **lines("special.softmax special.log_softmax", lambda d: cumulative(d, "inexact")),
    **forms("cumsum cumprod", cumulative),
    **forms("logcumsumexp", lambda d: one_axis(d, "inexact", keep=False)),
    **forms("cummax cummin", lambda d: one_axis(d, keep=False, values=ties(d)), out=False),
    **forms("sort", sort, out=False),
    **forms("argsort", lambda d: sort(d) if d.flag(0.3) else sort_any(d), out=False, exact=True),
    **forms("msort", sort_any, out=False),
    **forms("topk", topk, out=False),
    **forms("kthvalue", kth, out=False),
    **forms("median nanmedian", median, out=False),
    **forms("mode", lambda d: one_axis(d, p=0.6, values="small"), out=False),
    **forms("quantile nanquantile", quantile, out=False),
    **forms("bincount", counted, out=False),
    **forms("histc", histc, out=False),
    **forms("histogram", histogram, out=False),
    **forms("unique", unique, out=False),
    **forms("unique_consecutive", consecutive, out=False),
    **forms("diff", differences, out=False),
    **lines("trapezoid trapz cumulative_trapezoid", trapezoid),
    **forms("cov", covariance, out=False),
    **forms("corrcoef", lambda d: call(covariance(d)[0][0]), out=False),
    "searchsorted": Spec(lambda d: call(*searching(d), **d.some(0.3, right=d.flag, out_int32=d.flag)), exact=True),
    "bucketize": Spec(lambda d: call(*searching(d)[::-1], **d.some(0.3, right=d.flag, out_int32=d.flag)), exact=True),
    **forms("renorm", lambda d: call(x := d.x(d.shape(2, 4), kind="full"), d.pick(1, 2, 0.5), d.dim(x), 1.0), out=False),
}
