"""Layers: made after the same manual_seed, so that parameters are equal too; output, gradients, state after the call."""

from ..case import At
from ..draw import Draw, call
from .spec import Spec


def layer(name):
    """A program: make the layer, use it, look at it."""

    def program(t, x, *args, training=True, inputs=(), **named):
        # Constructors take x first in a case only so that shrinking keeps it.
        module = getattr(t.nn, name)(*args, **named)
        first = next((y for y in (x, *inputs) if y is not None and y.dtype.is_floating_point), None)
        if first is not None and first.dtype == t.float64:
            module.double()
        module.train(training)
        y = module(x, *inputs)
        return [y, dict(module.state_dict()), repr(module)], list(module.parameters())

    return program


def entry(name, draw, random=False, orders=2):
    return Spec(draw, layer(name), parameters=True, random=random, orders=orders, needs=f"nn.{name}")


def drawn(shape, *options, values="normal", trains=0.7, **named):
    """A recipe: an input of this shape (a function of d), constructor arguments, keyword options (tuples of values)."""

    def recipe(d: Draw):
        x = d.x(shape(d) if callable(shape) else shape, kind="full", values=values)
        kw = d.some(0.4, **{k: lambda v=v: d.choice(v) for k, v in named.items()})
        if d.flag(1 - trains):
            kw["training"] = False
        return call(x, *(o(d, x) if callable(o) else o for o in options), **kw)

    return recipe


def image(n, channels=None, low=2, high=6):
    return lambda d: (d.randint(1, 3), channels or d.randint(1, 3), *(d.randint(low, high) for _ in range(n)))


def c(d: Draw, x):
    return x.shape[1]


def some_shape(d: Draw):
    return d.shape(1, 3, 0)


def last(d: Draw, x):
    return x.shape[-1]


ACTIVATIONS = {
    "CELU": {"alpha": (1.0, 0.5)}, "ELU": {"alpha": (1.0, 0.5)}, "GELU": {"approximate": ("none", "tanh")}, "Hardshrink": {"lambd": (0.5, 1)},
    "Hardsigmoid": {}, "Hardswish": {}, "Hardtanh": {"min_val": (-1.0, -2), "max_val": (1.0, 2)}, "LeakyReLU": {"negative_slope": (0.1, 0.01)},
    "LogSigmoid": {}, "Mish": {}, "PReLU": {"init": (0.25, 0.1)}, "ReLU": {"inplace": (False,)}, "ReLU6": {}, "SELU": {}, "SiLU": {}, "Sigmoid": {},
    "Softplus": {"beta": (1, 2), "threshold": (20, 1)}, "Softshrink": {"lambd": (0.5, 1)}, "Softsign": {}, "Tanh": {}, "Tanhshrink": {}, "Identity": {},
    "Softmax": {"dim": (0, -1)}, "LogSoftmax": {"dim": (0, -1)}, "Softmin": {"dim": (0, -1)}, "Flatten": {"start_dim": (0, 1)},
}  # fmt: skip
LOSSES = "BCEWithLogitsLoss HuberLoss L1Loss MSELoss PoissonNLLLoss SmoothL1Loss SoftMarginLoss KLDivLoss HingeEmbeddingLoss MultiLabelSoftMarginLoss"


def loss(d: Draw):
    x = d.x(d.shape(2, 2, 0), kind="full", values="normal")
    return call(x, inputs=(d.x(x.shape, dtype=x.dtype, values=d.pick("unit", "sign"), grad=0),), **d.some(0.5, reduction=lambda: d.pick("mean", "sum", "none")))


def label_loss(d: Draw):
    n, k = d.randint(1, 4), d.randint(1, 4)
    return call(d.x((n, k), kind="full", values="normal"), inputs=(d.index(k, (n,)),), **d.some(0.5, reduction=lambda: d.pick("mean", "sum", "none")))


def recurrent(d: Draw):
    a, b = d.randint(1, 3), d.randint(1, 3)
    x = d.x((d.randint(1, 4), d.randint(1, 3), a), kind="full", values="normal")
    kw = d.some(0.35, num_layers=2, bias=d.flag, batch_first=d.flag, bidirectional=True)
    return call(x, a, b, **kw)


def cell(d: Draw):
    a, b = d.randint(1, 3), d.randint(1, 3)
    return call(d.x((d.randint(1, 3), a), kind="full", values="normal"), a, b, **d.some(0.3, bias=d.flag))


def embedding(d: Draw):
    n = d.randint(1, 6)
    return call(d.index(n, d.shape(1, 2, 0)), n, d.randint(1, 4), **d.some(0.25, padding_idx=lambda: d.randint(0, n - 1), max_norm=1.0))


def attention(d: Draw):
    h, n, m, b = d.randint(1, 2), d.randint(1, 3), d.randint(1, 3), d.randint(1, 2)
    e = h * d.randint(1, 3)
    x = d.x((n, b, e), kind="full", values="normal")
    kv = d.x((m, b, e), dtype=x.dtype, values="normal")
    return call(x, e, h, inputs=(kv, kv), **d.some(0.3, bias=d.flag, add_bias_kv=d.flag, add_zero_attn=d.flag))


def encoder(d: Draw):
    h = d.randint(1, 2)
    e = 2 * h
    x = d.x((d.randint(1, 3), d.randint(1, 3), e), kind="full", values="normal")
    return call(x, e, h, 4, **d.some(0.4, dropout=0.0, activation=lambda: d.pick("relu", "gelu"), norm_first=d.flag, batch_first=d.flag))


def decoder(d: Draw):
    args, kw = encoder(d)
    return call(*args, **kw, inputs=(d.x(args[0].shape, dtype=args[0].dtype, values="normal"),))


def convolution(n, transposed=False):
    def recipe(d: Draw):
        g = d.pick(1, 1, 2)
        x = d.x((d.randint(1, 2), g * d.randint(1, 2), *(d.randint(3, 6) for _ in range(n))), kind="full", values="normal")
        kw = d.some(0.35, stride=lambda: d.randint(1, 2), padding=lambda: d.randint(0, 1), dilation=lambda: d.randint(1, 2), bias=d.flag)
        if not transposed:
            kw |= d.some(0.2, padding_mode=lambda: d.pick("zeros", "reflect", "circular", "replicate"))
        return call(x, x.shape[1], g * d.randint(1, 2), d.randint(1, 3), groups=g, **kw)

    return recipe


def padding(n):
    return lambda d: call(d.x((1, 2, *(d.randint(2, 4) for _ in range(n))), kind="full"), d.randint(0, 1) if d.flag() else tuple(d.randint(0, 1) for _ in range(2 * n)))


LAYERS = {
    **{f"nn.{n}": entry(n, drawn(some_shape, **kw)) for n, kw in ACTIVATIONS.items()},
    **{f"nn.{n}": entry(n, loss) for n in LOSSES.split()},
    **{f"nn.{n}": entry(n, label_loss) for n in "CrossEntropyLoss NLLLoss MultiMarginLoss".split()},
    "nn.Linear": entry("Linear", drawn(some_shape, last, 3, bias=(True, False))),
    "nn.GLU": entry("GLU", drawn((3, 4))),
    "nn.Threshold": entry("Threshold", drawn(some_shape, 0.1, 2.0)),
    "nn.RReLU": entry("RReLU", drawn(some_shape), random=True),
    "nn.Softmax2d": entry("Softmax2d", drawn(image(2))),
    "nn.Unflatten": entry("Unflatten", drawn((2, 6), 1, (2, 3))),
    "nn.LayerNorm": entry("LayerNorm", drawn(some_shape, last, eps=(1e-5, 0.1), elementwise_affine=(True, False), bias=(True, False))),
    "nn.RMSNorm": entry("RMSNorm", drawn(some_shape, last, eps=(1e-5, None), elementwise_affine=(True, False))),
    "nn.GroupNorm": entry("GroupNorm", drawn(image(1, 4), 2, 4, affine=(True, False))),
    "nn.LocalResponseNorm": entry("LocalResponseNorm", drawn(image(2), 2, alpha=(1e-4, 0.5))),
    **{
        f"nn.BatchNorm{n}d": entry(f"BatchNorm{n}d", drawn(image(n), c, affine=(True, False), momentum=(0.1, None, 0.5), track_running_stats=(True, False)))
        for n in (1, 2, 3)
    },
    **{f"nn.InstanceNorm{n}d": entry(f"InstanceNorm{n}d", drawn(image(n), c, affine=(True, False), track_running_stats=(True, False))) for n in (1, 2, 3)},
    **{f"nn.Conv{n}d": entry(f"Conv{n}d", convolution(n)) for n in (1, 2, 3)},
    **{f"nn.ConvTranspose{n}d": entry(f"ConvTranspose{n}d", convolution(n, True)) for n in (1, 2, 3)},
    **{f"nn.LazyConv{n}d": entry(f"LazyConv{n}d", drawn(image(n, None, 3), 2, 2, stride=(1, 2))) for n in (1, 2, 3)},
    "nn.LazyLinear": entry("LazyLinear", drawn(some_shape, 3)),
    **{f"nn.MaxPool{n}d": entry(f"MaxPool{n}d", drawn(image(n), 2, values="apart", stride=(1, 2), padding=(0, 1), ceil_mode=(True, False))) for n in (1, 2, 3)},
    **{f"nn.AvgPool{n}d": entry(f"AvgPool{n}d", drawn(image(n), 2, stride=(1, 2), padding=(0, 1), ceil_mode=(True, False), count_include_pad=(True, False))) for n in (1, 2, 3)},
    **{f"nn.{k}Pool{n}d": entry(f"{k}Pool{n}d", drawn(image(n), 2, values="apart")) for k in ("AdaptiveAvg", "AdaptiveMax") for n in (1, 2, 3)},
    **{f"nn.LPPool{n}d": entry(f"LPPool{n}d", drawn(image(n, None, 3), 2, 2, values="positive")) for n in (1, 2, 3)},
    **{f"nn.{k}Pad{n}d": entry(f"{k}Pad{n}d", padding(n)) for k in ("Reflection", "Replication", "Circular", "Zero") for n in (1, 2, 3)},
    **{f"nn.ConstantPad{n}d": entry(f"ConstantPad{n}d", lambda d, n=n: call(*padding(n)(d)[0], 0.5)) for n in (1, 2, 3)},
    "nn.Dropout": entry("Dropout", drawn(some_shape, p=(0.5, 0.1, 0.0)), random=True),
    **{f"nn.Dropout{n}d": entry(f"Dropout{n}d", drawn(image(n), p=(0.5, 0.1)), random=True) for n in (1, 2, 3)},
    **{f"nn.{n}": entry(n, drawn(image(2), p=(0.5, 0.1)), random=True) for n in ("AlphaDropout", "FeatureAlphaDropout")},
    "nn.Embedding": entry("Embedding", embedding),
    "nn.EmbeddingBag": entry("EmbeddingBag", lambda d: call(d.index(5, (d.size(0), d.size(0))), 5, 3, **d.some(0.6, mode=lambda: d.pick("sum", "mean", "max")))),
    **{f"nn.{n}": entry(n, recurrent) for n in ("RNN", "LSTM", "GRU")},
    **{f"nn.{n}": entry(n, cell) for n in ("RNNCell", "LSTMCell", "GRUCell")},
    "nn.MultiheadAttention": entry("MultiheadAttention", attention),
    "nn.TransformerEncoderLayer": entry("TransformerEncoderLayer", encoder, random=True),
    "nn.TransformerDecoderLayer": entry("TransformerDecoderLayer", decoder, random=True),
    "nn.Bilinear": entry("Bilinear", lambda d: call(x := d.x((2, 3), kind="full", values="normal"), 3, 4, 2, inputs=(d.x((2, 4), dtype=x.dtype, values="normal"),))),
    "nn.CosineSimilarity": entry("CosineSimilarity", lambda d: call(x := d.x((2, 3), kind="full", values="normal"), inputs=(d.x((2, 3), dtype=x.dtype, values="normal"),))),
    "nn.PairwiseDistance": entry("PairwiseDistance", lambda d: call(x := d.x((2, 3), kind="full", values="normal"), inputs=(d.x((2, 3), dtype=x.dtype, values="normal"),))),
    "nn.PixelShuffle": entry("PixelShuffle", drawn((1, 4, 2, 2), 2)),
    "nn.PixelUnshuffle": entry("PixelUnshuffle", drawn((1, 2, 4, 2), 2)),
    "nn.ChannelShuffle": entry("ChannelShuffle", drawn((1, 4, 2, 2), 2)),
    "nn.Upsample": entry("Upsample", drawn(image(2), scale_factor=(2, 1.5), mode=("nearest", "bilinear"))),
    "nn.UpsamplingNearest2d": entry("UpsamplingNearest2d", drawn(image(2), scale_factor=(2, 1.5))),
    "nn.UpsamplingBilinear2d": entry("UpsamplingBilinear2d", drawn(image(2), scale_factor=(2, 1.5))),
    "nn.Unfold": entry("Unfold", drawn(image(2), 2, stride=(1, 2), padding=(0, 1))),
    "nn.Fold": entry("Fold", drawn((1, 8, 6), (3, 4), 2)),
    "nn.Conv2d (bfloat16)": Spec(lambda d: call(d.x((2, 2, 4, 4), dtype="bfloat16", values="normal"), 2, 3, 2, dtype=At("bfloat16")), layer("Conv2d"), parameters=True, needs="nn.Conv2d"),
    "nn.Linear (bfloat16)": Spec(lambda d: call(d.x((2, 4), dtype="bfloat16", values="normal"), 4, 3, dtype=At("bfloat16")), layer("Linear"), parameters=True, needs="nn.Linear"),
}  # fmt: skip
