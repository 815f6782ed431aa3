"""The operations of the survey that move entries, mix them, or measure losses."""

from .given import Case, Given
from .operations import Make

MOVE: dict[str, Make] = {
    "clone": lambda g: g.call(lambda x: x.clone(), g.floats()),
    "zeros": lambda g: g.plain(lambda: g.torch.zeros(g.n)),
    "full": lambda g: g.plain(lambda: g.torch.full((g.n,), 0.5)),
    "arange": lambda g: g.plain(lambda: g.torch.arange(g.n)),
    "linspace": lambda g: g.plain(lambda: g.torch.linspace(0, 1, g.n)),
    "eye": lambda g: g.plain(lambda: g.torch.eye(g.side)),
    "copy_": lambda g: g.plain(lambda x, y: x.copy_(y), g.floats(), g.floats()),
    "transpose contiguous": lambda g: g.call(lambda x: x.t().contiguous(), g.floats(*g.square)),
    "permute contiguous": lambda g: g.call(lambda x: x.permute(0, 2, 3, 1).contiguous(), g.floats(*g.images(16))),
    "heads: transpose(1, 2)": lambda g: g.call(
        lambda x: x.transpose(1, 2).contiguous(), g.floats(max(g.n // 4096, 1), 64, 4, 16)
    ),
    "flip": lambda g: g.call(lambda x: x.flip(-1), g.floats(*g.rows(64))),
    "roll": lambda g: g.call(lambda x: x.roll(3, -1), g.floats(*g.rows(64))),
    "repeat": lambda g: g.call(lambda x: x.repeat(4, 1), g.floats(*g.rows(64))),
    "repeat_interleave": lambda g: g.call(lambda x: x.repeat_interleave(3, 0), g.floats(*g.rows(64))),
    "expand and add": lambda g: g.call(
        lambda x, y: x.expand(g.n // 64 + 1, 64) + y, g.floats(64), g.floats(g.n // 64 + 1, 64)
    ),
    "cat": lambda g: g.call(lambda *xs: g.torch.cat(xs), g.floats(), g.floats()),
    "cat, dim 1": lambda g: g.call(lambda *xs: g.torch.cat(xs, 1), g.floats(*g.rows(64)), g.floats(*g.rows(64))),
    "stack of 10": lambda g: g.call(lambda *xs: g.torch.stack(xs), *[g.floats(max(g.n // 10, 1)) for _ in range(10)]),
    "split": lambda g: g.call(lambda x: sum(x.chunk(4, -1)), g.floats(*g.rows(64))),
    "pad": lambda g: g.call(lambda x: g.torch.nn.functional.pad(x, (1, 1, 1, 1)), g.floats(*g.images(16))),
    "pad reflect": lambda g: g.call(
        lambda x: g.torch.nn.functional.pad(x, (1, 1, 1, 1), mode="reflect"), g.floats(*g.images(16))
    ),
    "tril": lambda g: g.call(g.torch.tril, g.floats(*g.square)),
    "x[:, ::2]": lambda g: g.call(lambda x: x[:, ::2] * 2, g.floats(*g.rows(64))),
    "x[mask]": lambda g: g.call(lambda x, m: x[m], g.floats(), g.floats() > 0),
    "x[i] of rows": lambda g: g.call(lambda x, i: x[i], g.floats(*g.rows(64)), g.ints(g.rows(64)[0], g.rows(64)[0])),
    "x[i] of entries": lambda g: g.call(lambda x, i: x[i], g.floats(), g.ints(g.n)),
    "x[arange, y]": lambda g: g.call(
        lambda x, i, y: x[i, y], g.floats(*g.rows(10)), g.torch.arange(g.rows(10)[0]), g.ints(10, g.rows(10)[0])
    ),
    "x[mask] = 0": lambda g: g.plain(lambda x, m: x.__setitem__(m, 0.0), g.floats(), g.floats() > 0),
    "x[i] = rows": lambda g: g.plain(
        lambda x, i, y: x.__setitem__(i, y),
        g.floats(*g.rows(64)),
        g.ints(g.rows(64)[0], g.rows(64)[0]),
        g.floats(*g.rows(64)),
    ),
    "gather": lambda g: g.call(lambda x, i: x.gather(1, i), g.floats(*g.rows(64)), g.ints(64, *g.rows(64))),
    "gather one": lambda g: g.call(lambda x, i: x.gather(1, i), g.floats(*g.rows(10)), g.ints(10, g.rows(10)[0], 1)),
    "scatter": lambda g: g.call(
        lambda x, i, y: x.scatter(1, i, y), g.floats(*g.rows(64)), g.ints(64, *g.rows(64)), g.floats(*g.rows(64))
    ),
    "scatter_ one-hot": lambda g: g.plain(
        lambda i: g.torch.zeros(g.rows(10)[0], 10).scatter_(1, i, 1.0), g.ints(10, g.rows(10)[0], 1)
    ),
    "scatter_add": lambda g: g.call(lambda x, i, y: x.scatter_add(0, i, y), g.floats(1000), g.ints(1000), g.floats()),
    "index_select": lambda g: g.call(
        lambda x, i: x.index_select(0, i), g.floats(*g.rows(64)), g.ints(g.rows(64)[0], g.rows(64)[0])
    ),
    "index_select, dim 1": lambda g: g.call(lambda x, i: x.index_select(1, i), g.floats(*g.rows(64)), g.ints(64, 32)),
    "index_add": lambda g: g.call(
        lambda x, i, y: x.index_add(0, i, y), g.floats(100, 64), g.ints(100, g.rows(64)[0]), g.floats(*g.rows(64))
    ),
    "embedding": lambda g: g.call(
        lambda i, w: g.torch.nn.functional.embedding(i, w), g.ints(1000, max(g.n // 64, 1)), g.floats(1000, 64)
    ),
    "embedding of 4 numbers": lambda g: g.call(
        lambda i, w: g.torch.nn.functional.embedding(i, w), g.ints(1000, max(g.n // 4, 1)), g.floats(1000, 4)
    ),
    "embedding_bag": lambda g: g.call(
        lambda i, w: g.torch.nn.functional.embedding_bag(i, w), g.ints(1000, max(g.n // 640, 1), 10), g.floats(1000, 64)
    ),
    "unfold": lambda g: g.call(lambda x: g.torch.nn.functional.unfold(x, 3, padding=1), g.floats(*g.images(8))),
    "collate": lambda g: collation(g),
    "DataLoader": lambda g: loading(g),
    "meshgrid": lambda g: g.plain(lambda x: g.torch.meshgrid(x, x, indexing="ij")[0] + 1, g.floats(g.side)),
    "searchsorted": lambda g: g.plain(lambda s, x: g.torch.searchsorted(s, x), g.floats(1000).sort()[0], g.floats()),
    "tolist": lambda g: g.plain(lambda x: x.tolist(), g.floats(min(g.n, 10**5))),
    "tensor of a list": lambda g: (
        g.plain(
            lambda: g.torch.tensor(numbers),
        )
        if (numbers := [0.5] * min(g.n, 10**5))
        else None
    ),
}


def collation(g: Given) -> Case:
    samples = [(g.floats(max(g.n // 64, 1)), i) for i in range(64)]
    return g.plain(lambda: g.torch.utils.data.default_collate(samples)[0])


def loading(g: Given) -> Case:
    data = g.torch.utils.data
    loader = data.DataLoader(
        data.TensorDataset(g.floats(*g.rows(64)), g.ints(9, g.rows(64)[0])), batch_size=64, shuffle=True
    )
    return g.plain(lambda: [x for x, _ in loader][-1])


def matrices(g: Given) -> tuple[int, int]:
    """Shape of a square matrix of which a product with another takes about n multiplications."""
    side = max(int(g.n ** (1 / 2.5)), 4)
    return side, side


MIX: dict[str, Make] = {
    "matmul": lambda g: g.call(lambda a, b: a @ b, g.floats(*matrices(g)), g.floats(*matrices(g))),
    "matmul int64": lambda g: g.plain(lambda a, b: a @ b, g.ints(9, *matrices(g)), g.ints(9, *matrices(g))),
    "matmul bfloat16": lambda g: g.call(
        lambda a, b: a @ b, g.floats(*matrices(g)).bfloat16(), g.floats(*matrices(g)).bfloat16()
    ),
    "matmul float64": lambda g: g.call(
        lambda a, b: a @ b, g.floats(*matrices(g)).double(), g.floats(*matrices(g)).double()
    ),
    "bmm": lambda g: g.call(
        lambda a, b: a @ b, g.floats(max(g.n // 1024, 1), 32, 32), g.floats(max(g.n // 1024, 1), 32, 32)
    ),
    "matrix @ vector": lambda g: g.call(lambda a, b: a @ b, g.floats(*g.square), g.floats(g.side)),
    "dot": lambda g: g.call(lambda a, b: a.dot(b), g.floats(), g.floats()),
    "outer": lambda g: g.call(g.torch.outer, g.floats(g.side), g.floats(g.side)),
    "einsum ij,jk->ik": lambda g: g.call(
        lambda a, b: g.torch.einsum("ij,jk->ik", a, b), g.floats(*matrices(g)), g.floats(*matrices(g))
    ),
    "einsum bhqd,bhkd->bhqk": lambda g: g.call(
        lambda a, b: g.torch.einsum("bhqd,bhkd->bhqk", a, b), *[g.floats(max(g.n // 4096, 1), 4, 32, 32) for _ in "ab"]
    ),
    "einsum bi,bi->b": lambda g: g.call(
        lambda a, b: g.torch.einsum("bi,bi->b", a, b), g.floats(*g.rows(64)), g.floats(*g.rows(64))
    ),
    "linear": lambda g: g.call(g.torch.nn.functional.linear, g.floats(*g.rows(64)), g.floats(64, 64), g.floats(64)),
    "conv1d": lambda g: g.call(
        lambda x, w, b: g.torch.nn.functional.conv1d(x, w, b, padding=1),
        g.floats(max(g.n // 1024, 1), 16, 64),
        g.floats(16, 16, 3),
        g.floats(16),
    ),
    "conv2d 3": lambda g: g.call(
        lambda x, w, b: g.torch.nn.functional.conv2d(x, w, b, padding=1),
        g.floats(*g.images(16)),
        g.floats(16, 16, 3, 3),
        g.floats(16),
    ),
    "conv2d 1": lambda g: g.call(
        g.torch.nn.functional.conv2d, g.floats(*g.images(16)), g.floats(16, 16, 1, 1), g.floats(16)
    ),
    "conv2d 5 of 1 channel": lambda g: g.call(
        g.torch.nn.functional.conv2d, g.floats(max(g.n // 784, 1), 1, 28, 28), g.floats(8, 1, 5, 5), g.floats(8)
    ),
    "conv2d stride 2": lambda g: g.call(
        lambda x, w, b: g.torch.nn.functional.conv2d(x, w, b, stride=2, padding=1),
        g.floats(*g.images(16)),
        g.floats(16, 16, 3, 3),
        g.floats(16),
    ),
    "conv2d depthwise": lambda g: g.call(
        lambda x, w: g.torch.nn.functional.conv2d(x, w, padding=1, groups=16),
        g.floats(*g.images(16)),
        g.floats(16, 1, 3, 3),
    ),
    "conv_transpose2d": lambda g: g.call(
        lambda x, w: g.torch.nn.functional.conv_transpose2d(x, w, stride=2, padding=1),
        g.floats(*g.images(16)),
        g.floats(16, 16, 4, 4),
    ),
    "conv3d": lambda g: g.call(
        lambda x, w: g.torch.nn.functional.conv3d(x, w, padding=1),
        g.floats(max(g.n // 4096, 1), 8, 8, 8, 8),
        g.floats(8, 8, 3, 3, 3),
    ),
    "max_pool2d": lambda g: g.call(lambda x: g.torch.nn.functional.max_pool2d(x, 2), g.floats(*g.images(16))),
    "max_pool2d 3 stride 2": lambda g: g.call(
        lambda x: g.torch.nn.functional.max_pool2d(x, 3, 2, 1), g.floats(*g.images(16))
    ),
    "avg_pool2d": lambda g: g.call(lambda x: g.torch.nn.functional.avg_pool2d(x, 2), g.floats(*g.images(16))),
    "adaptive_avg_pool2d": lambda g: g.call(
        lambda x: g.torch.nn.functional.adaptive_avg_pool2d(x, 1), g.floats(*g.images(16))
    ),
    "adaptive_avg_pool2d 3": lambda g: g.call(
        lambda x: g.torch.nn.functional.adaptive_avg_pool2d(x, 3), g.floats(*g.images(16))
    ),
    "interpolate nearest": lambda g: g.call(
        lambda x: g.torch.nn.functional.interpolate(x, scale_factor=2), g.floats(*g.images(16))
    ),
    "interpolate bilinear": lambda g: g.call(
        lambda x: g.torch.nn.functional.interpolate(x, scale_factor=2, mode="bilinear"), g.floats(*g.images(16))
    ),
    "interpolate bicubic": lambda g: g.call(
        lambda x: g.torch.nn.functional.interpolate(x, scale_factor=2, mode="bicubic"), g.floats(*g.images(16))
    ),
    "pixel_shuffle": lambda g: g.call(lambda x: g.torch.nn.functional.pixel_shuffle(x, 2), g.floats(*g.images(16))),
    "grid_sample": lambda g: g.call(
        lambda x, p: g.torch.nn.functional.grid_sample(x, p, align_corners=False),
        g.floats(*(s := g.images(4))),
        g.floats(s[0], *s[2:], 2),
    ),
    "batch_norm 1d": lambda g: g.call(g.torch.nn.BatchNorm1d(64), g.floats(max(g.n // 64, 2), 64)),
    "batch_norm 2d": lambda g: g.call(g.torch.nn.BatchNorm2d(16), g.floats(*g.images(16))),
    "batch_norm 2d, eval": lambda g: g.call(g.torch.nn.BatchNorm2d(16).eval(), g.floats(*g.images(16))),
    "layer_norm": lambda g: g.call(g.torch.nn.LayerNorm(64), g.floats(*g.rows(64))),
    "group_norm": lambda g: g.call(g.torch.nn.GroupNorm(4, 16), g.floats(*g.images(16))),
    "instance_norm": lambda g: g.call(g.torch.nn.InstanceNorm2d(16), g.floats(*g.images(16))),
    "rms_norm": lambda g: g.call(g.torch.nn.RMSNorm(64), g.floats(*g.rows(64))),
    "normalize": lambda g: g.call(g.torch.nn.functional.normalize, g.floats(*g.rows(64))),
    "attention": lambda g: g.call(
        g.torch.nn.functional.scaled_dot_product_attention, *[g.floats(max(g.n // 4096, 1), 4, 64, 16) for _ in "qkv"]
    ),
    "MultiheadAttention": lambda g: (
        g.call(lambda x: attend(x, x, x)[0], g.floats(max(g.n // 2048, 1), 32, 64))
        if (attend := g.torch.nn.MultiheadAttention(64, 4, batch_first=True))
        else None
    ),
    "cdist": lambda g: g.call(g.torch.cdist, g.floats(g.side, 8), g.floats(g.side, 8)),
    "cosine_similarity": lambda g: g.call(
        g.torch.nn.functional.cosine_similarity, g.floats(*g.rows(64)), g.floats(*g.rows(64))
    ),
    "LSTM": lambda g: (
        g.call(lambda x: lstm(x)[0], g.floats(max(g.n // 320, 1), 10, 32))
        if (lstm := g.torch.nn.LSTM(32, 32, batch_first=True))
        else None
    ),
    "GRU": lambda g: (
        g.call(lambda x: gru(x)[0], g.floats(max(g.n // 320, 1), 10, 32))
        if (gru := g.torch.nn.GRU(32, 32, batch_first=True))
        else None
    ),
    "RNN": lambda g: (
        g.call(lambda x: rnn(x)[0], g.floats(max(g.n // 320, 1), 10, 32))
        if (rnn := g.torch.nn.RNN(32, 32, batch_first=True))
        else None
    ),
    "LSTMCell": lambda g: (
        g.call(lambda x: cell(x)[0], g.floats(*g.rows(32))) if (cell := g.torch.nn.LSTMCell(32, 32)) else None
    ),
    "fft": lambda g: g.plain(lambda x: g.torch.fft.rfft(x).abs(), g.floats()),
    "inverse": lambda g: g.call(g.torch.linalg.inv, g.floats(*matrices(g)) + g.torch.eye(matrices(g)[0]) * 9),
    "svd": lambda g: g.plain(g.torch.linalg.svd, g.floats(max(matrices(g)[0] // 4, 2), max(matrices(g)[0] // 4, 2))),
    "jacrev": lambda g: g.plain(
        lambda x: g.torch.func.jacrev(lambda v: (v * v).sin())(x), g.floats(max(g.side // 4, 3))
    ),
    "vmap": lambda g: g.plain(
        lambda a, b: g.torch.func.vmap(g.torch.dot)(a, b), g.floats(*g.rows(64)), g.floats(*g.rows(64))
    ),
}

LOSSES: dict[str, Make] = {
    "mse_loss": lambda g: g.call(g.torch.nn.functional.mse_loss, g.floats(), g.floats()),
    "l1_loss": lambda g: g.call(g.torch.nn.functional.l1_loss, g.floats(), g.floats()),
    "smooth_l1_loss": lambda g: g.call(g.torch.nn.functional.smooth_l1_loss, g.floats(), g.floats()),
    "huber_loss": lambda g: g.call(g.torch.nn.functional.huber_loss, g.floats(), g.floats()),
    "binary_cross_entropy": lambda g: g.call(
        g.torch.nn.functional.binary_cross_entropy, g.positive() * 0.9, g.positive() * 0.9
    ),
    "bce_with_logits": lambda g: g.call(
        g.torch.nn.functional.binary_cross_entropy_with_logits, g.floats(), g.positive() * 0.9
    ),
    "cross_entropy of 10": lambda g: g.call(
        g.torch.nn.functional.cross_entropy, g.floats(*g.rows(10)), g.ints(10, g.rows(10)[0])
    ),
    "cross_entropy of 1000": lambda g: g.call(
        g.torch.nn.functional.cross_entropy, g.floats(*g.rows(1000)), g.ints(1000, g.rows(1000)[0])
    ),
    "cross_entropy of images": lambda g: g.call(
        g.torch.nn.functional.cross_entropy, g.floats(*(s := g.images(8))), g.ints(8, s[0], *s[2:])
    ),
    "cross_entropy, smoothed": lambda g: g.call(
        lambda x, y: g.torch.nn.functional.cross_entropy(x, y, label_smoothing=0.1),
        g.floats(*g.rows(10)),
        g.ints(10, g.rows(10)[0]),
    ),
    "nll_loss": lambda g: g.call(g.torch.nn.functional.nll_loss, g.floats(*g.rows(10)), g.ints(10, g.rows(10)[0])),
    "kl_div": lambda g: g.call(
        lambda x, y: g.torch.nn.functional.kl_div(x, y, reduction="batchmean"),
        g.floats(*g.rows(10)),
        g.positive(*g.rows(10)),
    ),
    "triplet_margin_loss": lambda g: g.call(
        g.torch.nn.functional.triplet_margin_loss, *[g.floats(*g.rows(64)) for _ in "apn"]
    ),
    "hinge_embedding_loss": lambda g: g.call(g.torch.nn.functional.hinge_embedding_loss, g.floats(), g.floats().sign()),
    "margin_ranking_loss": lambda g: g.call(
        g.torch.nn.functional.margin_ranking_loss, g.floats(), g.floats(), g.floats().sign()
    ),
    "soft_margin_loss": lambda g: g.call(
        lambda x, y: g.torch.nn.functional.soft_margin_loss(x, y.detach()), g.floats(), g.floats().sign()
    ),
    "poisson_nll_loss": lambda g: g.call(g.torch.nn.functional.poisson_nll_loss, g.floats(), g.positive()),
    "gaussian_nll_loss": lambda g: g.call(
        g.torch.nn.functional.gaussian_nll_loss, g.floats(), g.floats(), g.positive()
    ),
    "cosine_embedding_loss": lambda g: g.call(
        g.torch.nn.functional.cosine_embedding_loss,
        g.floats(*g.rows(64)),
        g.floats(*g.rows(64)),
        g.floats(g.rows(64)[0]).sign(),
    ),
    "multi_margin_loss": lambda g: g.call(
        g.torch.nn.functional.multi_margin_loss, g.floats(*g.rows(10)), g.ints(10, g.rows(10)[0])
    ),
    "multilabel_soft_margin_loss": lambda g: g.call(
        g.torch.nn.functional.multilabel_soft_margin_loss, g.floats(*g.rows(10)), g.ints(2, *g.rows(10)).float()
    ),
    "ctc_loss": lambda g: ctc(g),
    "Normal.log_prob": lambda g: g.call(
        lambda m, s, x: g.torch.distributions.Normal(m, s).log_prob(x), g.floats(), g.positive(), g.floats()
    ),
    "Categorical.sample": lambda g: g.plain(
        lambda x: g.torch.distributions.Categorical(logits=x).sample(), g.floats(*g.rows(10))
    ),
}


def ctc(g: Given) -> Case:
    batch = max(g.n // (50 * 20), 1)
    lengths = [g.torch.full((batch,), n, dtype=g.torch.long) for n in (50, 10)]
    targets = g.ints(19, batch, 10) + 1
    return g.call(
        lambda x: g.torch.nn.functional.ctc_loss(x.log_softmax(-1), targets, *lengths), g.floats(50, batch, 20)
    )
