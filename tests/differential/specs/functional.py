"""nn.functional: activations, losses, convolutions, pooling, normalisation, embeddings, padding, resizing."""

from ..draw import Draw, call
from .spec import Spec, lines

F = "nn.functional."


def f(names: str) -> list[str]:
    return [F + name for name in names.split()]


def one(d: Draw, kind="float"):
    x = d.x(kind=kind if d.flag(0.95) else "any")
    return call(x, **d.some(0.1, inplace=d.flag))


def plain(d: Draw):
    return call(d.x(kind="float" if d.flag(0.93) else "any"))


def with_options(**options):
    """A recipe: x and some of these keyword arguments, each a tuple of values."""

    def drawn(d: Draw):
        return call(d.x(kind="float" if d.flag(0.95) else "any"), **d.some(0.4, **{k: lambda v=v: d.choice(v) for k, v in options.items()}))

    return drawn


def softmax(d: Draw):
    x = d.x(kind="float" if d.flag(0.95) else "any")
    return call(x, dim=d.dim(x), **d.some(0.15, dtype=lambda: d.at("float")))


def glu(d: Draw):
    x = d.x(tuple(2 * s for s in d.shape(1, 4)), kind="float")
    return call(x, *([d.dim(x)] if d.flag(0.6) else []))


def prelu(d: Draw):
    x = d.x(d.shape(1, 4), kind="float")
    return call(x, d.x((d.pick(1, x.shape[1] if len(x.shape) > 1 else 1),), dtype=x.dtype))


REDUCTION = ("mean", "sum", "none", "mean", "sum", "none", "average")


def reduced(d: Draw, **more):
    return d.some(0.5, reduction=lambda: d.choice(REDUCTION), **more)


def two(d: Draw, a=None, b=None, **more):
    x = d.x(kind="float" if d.flag(0.97) else "any", values=a)
    shape = x.shape if d.flag(0.93) else d.partner(x.shape)
    return call(x, d.x(shape, dtype=x.dtype if d.flag(0.95) else d.dtype("any"), values=b, grad=0.3), **reduced(d, **more))


def chance(d: Draw):
    (x, y), kw = two(d, "unit", "unit")
    return call(x, y, **kw, **d.some(0.3, weight=lambda: d.x(d.partner(x.shape), dtype=x.dtype, values="positive", grad=0)))


def logits(d: Draw):
    (x, y), kw = two(d, None, "unit")
    weight = lambda: d.x(d.partner(x.shape), dtype=x.dtype, values="positive", grad=0)  # noqa: E731
    return call(x, y, **kw, **d.some(0.25, weight=weight, pos_weight=weight))


def classes(d: Draw, options=True):
    c, n = d.randint(1, 5), d.size(0.03)
    inner = tuple(d.size(0.02) for _ in range(d.pick(0, 0, 0, 1, 2, 3)))
    x = d.x((c,) if not inner and d.flag(0.15) else (n, c, *inner), kind="full" if d.flag(0.9) else "float", values=d.pick("normal", "small", "wide"))
    return x, c, (x.shape[:1] if len(x.shape) > 1 else ()) + x.shape[2:]


def cross_entropy(d: Draw):
    x, c, shape = classes(d)
    target = d.index(c if d.flag(0.98) else c + 1, shape) if d.flag(0.8) else d.x(x.shape, dtype=x.dtype, values="unit", grad=0.3)
    weight = lambda: d.x((c,), dtype=x.dtype, values="positive", grad=0)  # noqa: E731
    kw = d.some(0.25, weight=weight, ignore_index=lambda: d.pick(-100, 0, 1), label_smoothing=lambda: d.pick(0.0, 0.1, 0.5))
    if target.dtype != "int64":
        kw.pop("ignore_index", None)
    return call(x, target, **kw, **reduced(d))


def nll(d: Draw):
    x, c, shape = classes(d)
    weight = lambda: d.x((c,), dtype=x.dtype, values="positive", grad=0)  # noqa: E731
    return call(x, d.index(c if d.flag(0.98) else c + 1, shape), **d.some(0.25, weight=weight, ignore_index=lambda: d.pick(-100, 0)), **reduced(d))


def kl(d: Draw):
    x = d.x(kind="float", values="normal")
    y = d.x(x.shape if d.flag(0.9) else d.partner(x.shape), dtype=x.dtype, values=d.pick("unit", "finite", "normal"), grad=0.3)
    return call(x, y, **d.some(0.5, reduction=lambda: d.pick("mean", "sum", "none", "batchmean"), log_target=d.flag))


def gaussian(d: Draw):
    x = d.x(d.shape(1, 3), kind="full")
    return call(x, d.x(x.shape, dtype=x.dtype), d.x(x.shape, dtype=x.dtype, values="positive"), **reduced(d, full=d.flag))


def signs(d: Draw, **more):
    x = d.x(kind="full")
    return call(x, d.x(x.shape, dtype=x.dtype, values="sign", grad=0), **reduced(d, **more))


def ranking(d: Draw):
    x = d.x(d.shape(1, 3), kind="full")
    return call(x, d.x(x.shape, dtype=x.dtype), d.x(x.shape, dtype=x.dtype, values="sign", grad=0), **reduced(d, margin=lambda: d.pick(0.0, 0.5)))


def cosine_embedding(d: Draw):
    n, k = d.size(), d.size()
    x = d.x((n, k), kind="full", values="normal")
    return call(x, d.x((n, k), dtype=x.dtype, values="normal"), d.x((n,), dtype=x.dtype, values="sign", grad=0), **reduced(d, margin=lambda: d.pick(0.0, 0.5)))


def triplet(d: Draw):
    x = d.x((d.size(), d.size()), kind="full", values="normal")
    return call(
        *(x, d.x(x.shape, dtype=x.dtype, values="normal"), d.x(x.shape, dtype=x.dtype, values="apart")),
        **reduced(d, margin=lambda: d.pick(1.0, 0.3), p=lambda: d.pick(1, 2, 3.0), swap=d.flag),
    )


def multi_margin(d: Draw):
    n, c = d.size(), d.randint(1, 5)
    x = d.x((n, c), kind="full", values=d.pick("normal", "apart"))
    return call(x, d.index(c, (n,)), **reduced(d, p=lambda: d.pick(1, 2), margin=lambda: d.pick(1.0, 0.4)))


def multilabel(d: Draw):
    n, c = d.size(), d.randint(1, 5)
    return call(d.x((n, c), kind="full", values="normal"), d.index(c, (n, c)), **reduced(d))


def multilabel_soft(d: Draw):
    x = d.x((d.size(), d.randint(1, 5)), kind="full", values="normal")
    return call(x, d.x(x.shape, dtype=x.dtype, values="bits", grad=0), **reduced(d))


def ctc(d: Draw):
    time, n, c = d.randint(2, 6), d.randint(1, 3), d.randint(2, 4)
    x = d.x((time, n, c), kind="full", values="normal", layout="plain")
    longest = d.randint(1, 3)
    target = d.x((n, longest), dtype="int64", values=f"below {c - 1}", layout="plain", grad=0)
    lengths = tuple(d.randint(0, longest) for _ in range(n))
    return call(x, target, (time,) * n, lengths, **d.some(0.5, reduction=lambda: d.pick("mean", "sum", "none"), zero_infinity=d.flag))


def ctc_loss(t, x, target, *rest, **named):
    return t.nn.functional.ctc_loss(t.nn.functional.log_softmax(x, 2), target + 1, *rest, **named)


def per_axis(d: Draw, n, low, high):
    return d.randint(low, high) if d.flag(0.6) else tuple(d.randint(low, high) for _ in range(n))


def convolution(n, transposed=False):
    def drawn(d: Draw):
        groups = d.pick(1, 1, 1, 2)
        a, b = groups * d.randint(1, 2), groups * d.randint(1, 2)
        size = [d.randint(1, 3) for _ in range(n)]
        batch = (d.randint(1, 3),) if d.flag(0.9) else ()
        x = d.x((*batch, a, *(d.randint(2, 6) for _ in range(n))), kind="full", values="normal")
        first, second = (a, b // groups) if transposed else (b, a // groups)
        w = d.x((first, second, *size), dtype=x.dtype, values="normal")
        kw = d.some(0.4, bias=lambda: d.x((b,), dtype=x.dtype), stride=lambda: per_axis(d, n, 1, 2), padding=lambda: per_axis(d, n, 0, 1))
        kw |= d.some(0.25, dilation=lambda: per_axis(d, n, 1, 2))
        if transposed:
            kw |= d.some(0.2, output_padding=lambda: per_axis(d, n, 0, 1))
        elif d.flag(0.1):
            kw["padding"] = d.pick("same", "valid")
        return call(x, w, **kw, **({"groups": groups} if groups > 1 else {}))

    return drawn


def pooled(n, kind):
    def drawn(d: Draw):
        batch = (d.randint(1, 2), d.randint(1, 2)) if d.flag(0.85) else (d.randint(1, 2),)
        x = d.x((*batch, *(d.randint(2, 6) for _ in range(n))), kind="full", values="apart" if kind == "max" else "normal")
        kw = d.some(0.4, stride=lambda: per_axis(d, n, 1, 3), padding=lambda: per_axis(d, n, 0, 1), ceil_mode=d.flag)
        if kind == "max":
            kw |= d.some(0.25, dilation=lambda: per_axis(d, n, 1, 2), return_indices=d.flag)
        if kind == "avg":
            kw |= d.some(0.25, count_include_pad=d.flag)
        if kind == "avg" and n > 1:
            kw |= d.some(0.1, divisor_override=lambda: d.randint(1, 5))
        return call(x, per_axis(d, n, 1, 3), **kw)

    return drawn


def adaptive(n, indices=False):
    def drawn(d: Draw):
        x = d.x((d.randint(1, 2), d.randint(1, 2), *(d.randint(1, 6) for _ in range(n))), kind="full", values="apart")
        size = d.randint(1, 4) if d.flag() or n == 1 else tuple(d.pick(None, d.randint(1, 4)) for _ in range(n))
        return call(x, size, **(d.some(0.3, return_indices=d.flag) if indices else {}))

    return drawn


def lp(n):
    def drawn(d: Draw):
        x = d.x((d.randint(1, 2), d.randint(1, 2), *(d.randint(3, 6) for _ in range(n))), kind="full", values="positive")
        return call(x, d.pick(1, 2, 3.0), d.randint(1, 3), **d.some(0.4, stride=lambda: d.randint(1, 2), ceil_mode=d.flag))

    return drawn


def unpool(n):
    def program(t, x, size, **named):
        functional = t.nn.functional
        y, places = getattr(functional, f"max_pool{n}d")(x, size, return_indices=True)
        return getattr(functional, f"max_unpool{n}d")(y, places, size, **named)

    def drawn(d: Draw):
        return call(d.x((1, d.randint(1, 2), *(2 * d.randint(1, 2) for _ in range(n))), kind="full", values="apart"), 2)

    return Spec(drawn, program)


def batch_norm(d: Draw):
    c = d.randint(1, 4)
    x = d.x((d.randint(1, 4), c, *(d.size() for _ in range(d.pick(0, 1, 2)))), kind="full", values="normal")
    v = lambda values: d.x((c,), dtype=x.dtype, values=values, grad=0, layout="plain")  # noqa: E731
    training = d.flag()
    stats = (v("normal"), v("positive")) if not training or d.flag() else (None, None)
    kw = d.some(0.5, weight=lambda: d.x((c,), dtype=x.dtype), bias=lambda: d.x((c,), dtype=x.dtype), eps=lambda: d.pick(1e-5, 0.1))
    return call(x, *stats, training=training, **kw, **d.some(0.3, momentum=lambda: d.pick(0.1, 0.5)))


def instance_norm(d: Draw):
    c = d.randint(1, 4)
    x = d.x((d.randint(1, 3), c, *(d.size(0) for _ in range(d.pick(1, 2)))), kind="full", values="normal")
    return call(x, **d.some(0.5, weight=lambda: d.x((c,), dtype=x.dtype), bias=lambda: d.x((c,), dtype=x.dtype), eps=lambda: d.pick(1e-5, 0.1)))


def layer_norm(d: Draw, bias=True):
    x = d.x(d.shape(1, 4), kind="float", values=d.pick("normal", "small", "unit"))
    shape = x.shape[-d.randint(1, len(x.shape)) :]
    kw = d.some(0.5, weight=lambda: d.x(shape, dtype=x.dtype), eps=lambda: d.pick(1e-5, 0.1))
    return call(x, shape, **kw, **(d.some(0.5, bias=lambda: d.x(shape, dtype=x.dtype)) if bias else {}))


def group_norm(d: Draw):
    # Not channels last: there PyTorch's second derivative reads memory it does not own.
    g = d.randint(1, 3)
    c = g * d.randint(1, 2)
    x = d.x((d.randint(1, 3), c, *(d.size(0) for _ in range(d.pick(0, 1, 2)))), kind="full", values="normal", layout=d.pick("plain", "step", "T"))
    return call(x, g, **d.some(0.5, weight=lambda: d.x((c,), dtype=x.dtype), bias=lambda: d.x((c,), dtype=x.dtype)))


def response_norm(d: Draw):
    x = d.x((d.randint(1, 2), d.randint(1, 6), *(d.size(0) for _ in range(d.pick(1, 2)))), kind="full", values="normal")
    return call(x, d.randint(1, 4), **d.some(0.4, alpha=lambda: d.pick(1e-4, 0.5), beta=lambda: d.pick(0.75, 1.0), k=lambda: d.pick(1.0, 2.0)))


def normalize(d: Draw):
    x = d.x(d.shape(1, 4), kind="float", values=d.pick("normal", "small"))
    return call(x, **d.some(0.5, p=lambda: d.pick(1.0, 2.0, 3.0, float("inf")), dim=lambda: d.dim(x)))


def embedding(d: Draw):
    n = d.randint(1, 6)
    w = d.x((n, d.size()), kind="float")
    return call(d.index(n if d.flag(0.97) else n + 1, d.shape(0, 3)), w, **d.some(0.2, padding_idx=lambda: d.randint(-n, n - 1)))


def embedding_bag(d: Draw):
    n = d.randint(1, 6)
    w = d.x((n, d.size(0)), kind="full", values="apart")
    kw = d.some(0.7, mode=lambda: d.pick("sum", "mean", "max")) | d.some(0.15, padding_idx=lambda: d.randint(0, n - 1))
    if d.flag():
        return call(d.index(n, (d.size(0), d.size(0))), w, **kw)
    m = d.randint(1, 6)
    from ..case import X

    offsets = tuple(sorted([0] + [d.randint(0, m) for _ in range(d.randint(0, 3))]))
    return call(d.index(n, (m,)), w, X((len(offsets),), "int64", values=offsets), **kw)


def pad(d: Draw):
    mode = d.pick("constant", "constant", "reflect", "replicate", "circular")
    if mode == "constant":
        x = d.x(d.shape(1, 4), kind="any")
        amounts = tuple(d.randint(-1, 3) for _ in range(2 * d.randint(1, len(x.shape))))
        return call(x, amounts, **d.some(0.5, mode="constant", value=lambda: d.number(x.dtype)))
    n = d.randint(1, 3)
    x = d.x((*((d.size(0),) * d.pick(1, 2)), *(d.randint(2, 4) for _ in range(n))), kind="full")
    return call(x, tuple(d.randint(0, 2) for _ in range(2 * n)), mode=mode)


def interpolate(d: Draw):
    n = d.pick(1, 2, 2, 3)
    mode = d.choice({1: ("nearest", "linear", "area", "nearest-exact"), 2: ("nearest", "bilinear", "bicubic", "area", "nearest-exact"), 3: ("nearest", "trilinear", "area")}[n])
    x = d.x((d.randint(1, 2), d.randint(1, 2), *(d.randint(1, 5) for _ in range(n))), kind="full", values="normal")
    kw = {"size": tuple(d.randint(1, 6) for _ in range(n))} if d.flag() else {"scale_factor": d.pick(2, 0.5, 1.5, 3.0)}
    if "linear" in mode or mode == "bicubic":
        kw |= d.some(0.4, align_corners=d.flag)
    if mode in ("bilinear", "bicubic"):
        kw |= d.some(0.15, antialias=d.flag)
    return call(x, **kw, mode=mode)


def grid_sample(d: Draw):
    n = d.randint(1, 2)
    x = d.x((n, d.randint(1, 2), d.randint(1, 4), d.randint(1, 4)), kind="full", values="normal")
    grid = d.x((n, d.randint(1, 3), d.randint(1, 3), 2), dtype=x.dtype, values=d.pick("unit", "normal"))
    kw = d.some(0.5, mode=lambda: d.pick("bilinear", "nearest", "bicubic"), padding_mode=lambda: d.pick("zeros", "border", "reflection"))
    return call(x, grid, align_corners=d.flag(), **kw)


def affine_grid(d: Draw):
    n = d.randint(1, 2)
    return call(d.x((n, 2, 3), kind="full"), (n, 1, d.randint(1, 4), d.randint(1, 4)), align_corners=d.flag())


def linear(d: Draw):
    a, b = d.size(), d.size()
    x = d.x((*d.shape(0, 3), a), kind="float", values="normal")
    return call(x, d.x((b, a), dtype=x.dtype, values="normal"), *([d.x((b,), dtype=x.dtype)] if d.flag() else []))


def bilinear(d: Draw):
    a, b, c = d.size(0), d.size(0), d.size(0)
    n = d.shape(1, 2)
    x = d.x((*n, a), kind="full", values="normal")
    return call(x, d.x((*n, b), dtype=x.dtype, values="normal"), d.x((c, a, b), dtype=x.dtype, values="normal"), *([d.x((c,), dtype=x.dtype)] if d.flag() else []))


def similar(d: Draw):
    x = d.x(kind="full", values="normal")
    return call(x, d.x(d.partner(x.shape), dtype=x.dtype, values="normal"), **d.some(0.5, dim=lambda: d.dim(x)))


def pairwise(d: Draw):
    x = d.x(d.shape(1, 3), kind="full", values="normal")
    return call(x, d.x(x.shape, dtype=x.dtype, values="normal"), **d.some(0.4, p=lambda: d.pick(1.0, 2.0, 3.0), keepdim=d.flag))


def attention(d: Draw):
    b, h, n, m, k, v = d.randint(1, 2), d.randint(1, 2), *(d.randint(1, 4) for _ in range(4))
    q = d.x((b, h, n, k), kind="full", values="normal")
    causal = d.flag(0.25)
    mask = {} if causal or d.flag(0.6) else {"attn_mask": d.x((n, m), dtype=d.pick("bool", q.dtype), values="bits", grad=0)}
    return call(
        *(q, d.x((b, h, m, k), dtype=q.dtype, values="normal"), d.x((b, h, m, v), dtype=q.dtype, values="normal")),
        **mask,
        **({"is_causal": True} if causal else {}),
        **d.some(0.2, scale=lambda: d.pick(0.5, 1.0)),
    )


def dropped(d: Draw):
    x = d.x(kind="full" if d.flag(0.9) else "float", values="normal")
    return call(x, d.pick(0.0, 0.3, 0.5, 0.9, 1.0), d.flag(0.8))


def dropped_channels(n):
    return lambda d: call(d.x((d.randint(1, 3), d.randint(1, 3), *(d.size(0) for _ in range(n))), kind="full", values="normal"), d.pick(0.0, 0.3, 0.5), d.flag(0.8))


def one_hot(d: Draw):
    c = d.randint(1, 5)
    return call(d.index(c, d.shape(0, 2)), *([c] if d.flag(0.7) else []))


def shuffled(d: Draw):
    r = d.randint(1, 3)
    return call(d.x((*((d.size(0),) * d.pick(0, 1)), r * r * d.randint(1, 2), d.size(0), d.size(0)), kind="any"), r)


def unshuffled(d: Draw):
    r = d.randint(1, 3)
    return call(d.x((d.size(0), d.size(0), r * d.randint(1, 2), r * d.randint(1, 2)), kind="any"), r)


def channels(d: Draw):
    g = d.randint(1, 3)
    return call(d.x((d.size(0), g * d.randint(1, 3), *d.shape(1, 2)), kind="full"), g)


def unfolded(d: Draw):
    x = d.x((d.randint(1, 2), d.randint(1, 2), d.randint(2, 5), d.randint(2, 5)), kind="full")
    return call(x, per_axis(d, 2, 1, 2), **d.some(0.4, dilation=lambda: d.randint(1, 2), padding=lambda: d.randint(0, 1), stride=lambda: d.randint(1, 2)))


def folded(d: Draw):
    h, w, k = d.randint(2, 4), d.randint(2, 4), d.randint(1, 2)
    return call(d.x((d.randint(1, 2), 2 * k * k, (h - k + 1) * (w - k + 1)), kind="full"), (h, w), k)


FUNCTIONAL = {
    **lines(f("relu relu6 hardsigmoid hardswish selu mish silu"), one),
    **lines(f("logsigmoid softsign tanhshrink sigmoid tanh"), plain),
    **lines(f("gelu"), with_options(approximate=("none", "tanh", "erf"))),
    **lines(f("elu celu"), with_options(alpha=(1.0, 0.5, 2, -1.0, 0.0), inplace=(True, False))),
    **lines(f("leaky_relu"), with_options(negative_slope=(0.01, 0.5, -0.2, 1), inplace=(True, False))),
    **lines(f("hardtanh"), with_options(min_val=(-1.0, -2, 0), max_val=(1.0, 2, 0), inplace=(True, False))),
    **lines(f("hardshrink softshrink"), with_options(lambd=(0.5, 0.0, 1, 0.1))),
    **lines(f("softplus"), with_options(beta=(1, 2.0, 0.5), threshold=(20, 1, 0.5))),
    **lines(f("threshold"), lambda d: call(d.x(kind="any"), d.number(), d.number(), **d.some(0.1, inplace=d.flag))),
    **lines("hardshrink", with_options(lambd=(0.5, 0.0, 1))),
    **lines("selu celu threshold".split()[:2], plain),
    **lines(f("softmax log_softmax softmin"), softmax),
    **lines(f("glu"), glu),
    **lines(f("prelu"), prelu),
    **lines("prelu", prelu),
    **lines(f("rrelu"), with_options(lower=(0.1, 0.2), upper=(0.3, 0.5), training=(True, False)), random=True),
    **lines(f("gumbel_softmax"), lambda d: call(d.x(d.shape(1, 3), kind="full", values="normal"), **d.some(0.5, tau=lambda: d.pick(1, 0.5), hard=d.flag)), random=True),
    **lines(f("mse_loss l1_loss"), two),
    **lines(f("smooth_l1_loss"), lambda d: two(d, beta=lambda: d.pick(1.0, 0.5, 0.0, 2))),
    **lines(f("huber_loss"), lambda d: two(d, delta=lambda: d.pick(1.0, 0.5, 2))),
    **lines(f("binary_cross_entropy"), chance),
    **lines(f("binary_cross_entropy_with_logits"), logits),
    **lines(f("cross_entropy"), cross_entropy),
    **lines(f("nll_loss"), nll),
    **lines(f("kl_div"), kl),
    **lines(f("poisson_nll_loss"), lambda d: two(d, "normal", "positive", log_input=d.flag, full=d.flag)),
    **lines(f("gaussian_nll_loss"), gaussian),
    **lines(f("soft_margin_loss"), signs),
    **lines(f("hinge_embedding_loss"), lambda d: signs(d, margin=lambda: d.pick(1.0, 0.5))),
    **lines(f("margin_ranking_loss"), ranking),
    **lines(f("cosine_embedding_loss"), cosine_embedding),
    **lines(f("triplet_margin_loss"), triplet),
    **lines(f("multi_margin_loss"), multi_margin),
    **lines(f("multilabel_margin_loss"), multilabel),
    **lines(f("multilabel_soft_margin_loss"), multilabel_soft),
    **lines(f("ctc_loss"), ctc, program=ctc_loss, orders=1),
    **{F + f"conv{n}d": Spec(convolution(n)) for n in (1, 2, 3)},
    **{F + f"conv_transpose{n}d": Spec(convolution(n, True)) for n in (1, 2, 3)},
    **{F + f"max_pool{n}d": Spec(pooled(n, "max")) for n in (1, 2, 3)},
    **{F + f"avg_pool{n}d": Spec(pooled(n, "avg")) for n in (1, 2, 3)},
    **{F + f"lp_pool{n}d": Spec(lp(n)) for n in (1, 2, 3)},
    **{F + f"adaptive_avg_pool{n}d": Spec(adaptive(n)) for n in (1, 2, 3)},
    **{F + f"adaptive_max_pool{n}d": Spec(adaptive(n, True)) for n in (1, 2, 3)},
    **{F + f"max_unpool{n}d": unpool(n) for n in (1, 2, 3)},
    **lines(f("batch_norm"), batch_norm, writes=True),
    **lines(f("instance_norm"), instance_norm),
    **lines(f("layer_norm"), layer_norm),
    **lines(f("rms_norm"), lambda d: layer_norm(d, False)),
    **lines(f("group_norm"), group_norm),
    **lines(f("local_response_norm"), response_norm),
    **lines(f("normalize"), normalize),
    **lines(f("embedding"), embedding),
    **lines(f("embedding_bag"), embedding_bag),
    **lines(f("pad"), pad, exact=True),
    **lines(f("interpolate"), interpolate),
    **lines(f("grid_sample"), grid_sample, orders=1),
    **lines(f("affine_grid"), affine_grid),
    **lines(f("linear"), linear),
    **lines(f("bilinear"), bilinear),
    **lines(f("cosine_similarity"), similar),
    **lines("cosine_similarity", similar),
    **lines(f("pairwise_distance"), pairwise),
    **lines(f("pdist"), lambda d: call(d.x((d.size(0), d.size()), kind="full", values="normal"), **d.some(0.4, p=lambda: d.pick(1.0, 2.0, 3.0))), orders=1),
    **lines(f("scaled_dot_product_attention"), attention),
    **lines(f("dropout alpha_dropout"), dropped, random=True),
    **{F + f"dropout{n}d": Spec(dropped_channels(n), random=True) for n in (1, 2, 3)},
    **lines(f("feature_alpha_dropout"), dropped_channels(2), random=True),
    **lines(f("one_hot"), one_hot),
    **lines(f("pixel_shuffle"), shuffled, exact=True),
    **lines(f("pixel_unshuffle"), unshuffled, exact=True),
    **lines(f("channel_shuffle"), channels, exact=True),
    **lines(f("unfold"), unfolded),
    **lines(f("fold"), folded),
}
