"""The ops that are not elementwise, each tried by a line: a program in PyTorch's interface, and the inputs it is given.

``"Op": [(lambda t, x, y: …, input, input), …]``: ``t`` is chainrule or PyTorch, an input is the shape of an array of
normal numbers, or one of the kinds below. The program must record the op, directly or in the graph of its gradient.
"""

from importlib import import_module

import numpy as np


def positive(*shape):
    return lambda rng: rng.uniform(0.5, 2.0, shape)


def unit(*shape):
    """Numbers between 0 and 1."""
    return lambda rng: rng.uniform(0.1, 0.9, shape)


def apart(*shape):
    """Numbers no two of which are near each other, so that a small step changes no order."""
    return lambda rng: rng.permutation(np.linspace(-2, 2, int(np.prod(shape)))).reshape(shape)


def index(size, *shape):
    """Whole numbers from 0 to below ``size``."""
    return lambda rng: rng.integers(0, size, shape)


def places(size, count):
    """Different whole numbers below ``size``."""
    return lambda rng: rng.permutation(size)[:count]


def mask(*shape):
    return lambda rng: rng.random(shape) < 0.5


def sign(*shape):
    return lambda rng: rng.choice([-1.0, 1.0], shape)


def complex_(*shape):
    return lambda rng: rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


def given(values):
    return lambda _: np.array(values)


def invertible(n):
    return lambda rng: rng.standard_normal((n, n)) + 3 * np.eye(n)


def complex_invertible(n):
    return lambda rng: complex_(n, n)(rng) + 3 * np.eye(n)


def rectified_max_pool(t, x):
    """What `Sequential` makes of ReLU and a pooling behind it, where x is large."""
    return t.nn.MaxPool2d(2).after_relu(x) if t.__name__ == "chainrule" else t.nn.functional.max_pool2d(t.relu(x), 2)


# A matrix with eigenvalues far from each other, two of them complex.
SPREAD = [[2.0, 0.3, -0.4], [0.1, -1.0, 1.5], [0.2, -1.2, -0.7]]


def fixed(kind):
    """An input of which no gradient is asked."""
    return Fixed(kind)


class Fixed:
    def __init__(self, kind):
        self.kind = kind

    def __call__(self, rng):
        return rng.standard_normal(self.kind) if isinstance(self.kind, tuple) else self.kind(rng)


def symmetric(x):
    return (x + x.mH) / 2


def definite(x):
    """A positive definite matrix made of any."""
    return x @ x.mH + 2 * x.new_ones(x.shape[-1]).diag()


def written(x, place, value):
    """x with a region overwritten in place."""
    y = x.clone()
    y[place] = value
    return y


def recurrent(t, kind, x, *inputs):
    """A recurrent layer of one direction, on states and weights given as tensors."""
    if t.__name__ == "torch":
        states, weights = inputs[: len(inputs) - 4], inputs[-4:]
        states = tuple(h[None] for h in states)
        y = getattr(t, kind)(x, states if kind == "lstm" else states[0], weights, True, 1, 0.0, False, False, False)
        return [y[0], *(h[0] for h in y[1:])]
    return getattr(import_module("chainrule.ops.recurrent"), kind)(x, *inputs)


def f(t):
    return t.nn.functional


SHAPES = {
    "Reshape": [(lambda t, x: x.reshape(3, 2), (2, 3)), (lambda t, x: x.view(-1), (2, 3))],
    "ReshapeAlias": [(lambda t, x: x.t().reshape(3, 1, 2), (2, 3))],
    "ReshapeCopy": [(lambda t, x: x.t().reshape(6), (2, 3))],
    "Squeeze": [(lambda t, x: x.squeeze(), (2, 1, 3)), (lambda t, x: x.squeeze(1), (2, 1, 3))],
    "Unsqueeze": [(lambda t, x: x.unsqueeze(-1), (2, 3))],
    "Permute": [(lambda t, x: x.permute(2, 0, 1), (2, 3, 4))],
    "Transpose": [(lambda t, x: x.transpose(0, 2), (2, 3, 4))],
    "T": [(lambda t, x: x.t(), (2, 3))],
    "Expand": [(lambda t, x: x.expand(4, 2, 3), (2, 1))],
    "Diagonal": [(lambda t, x: x.diagonal(1), (3, 4))],
    "DiagonalCopy": [(lambda t, x: t.diag(x, 1), (3, 4))],
    "DiagEmbed": [(lambda t, x: t.diag_embed(x), (2, 3))],
    "Unfold": [(lambda t, x: x.unfold(1, 3, 2), (2, 7))],
    "UnfoldBack": [(lambda t, x: x.unfold(1, 3, 2) ** 2, (2, 7))],
    "AsStrided": [(lambda t, x: x.as_strided((2, 2), (1, 2), 1) ** 2, (6,))],
    "Clone": [(lambda t, x: x.clone(), (2, 3))],
    "CloneAs": [(lambda t, x: x.clone(memory_format=t.channels_last), (1, 2, 3, 2))],
    "Alias": [(lambda t, x: f(t).layer_norm(x, (3,)), (2, 3))],
    "Cast": [(lambda t, x: x.to(t.complex128) * (1 + 2j), (2, 3))],
    "Contiguous": [(lambda t, x: x.t().contiguous(), (2, 3))],
    "Cat": [(lambda t, x, y: t.cat([x, y], 1), (2, 3), (2, 1))],
    "Stack": [(lambda t, x, y: t.stack([x, y], 1), (2, 3), (2, 3))],
    "BlockDiag": [(lambda t, x, y: t.block_diag(x, y), (2, 3), (1, 2))],
    "Unbind": [(lambda t, x: x.unbind(1), (2, 3))],
    "Split": [(lambda t, x: x.split(2, 1), (2, 5))],
    "SplitWithSizes": [(lambda t, x: x.split([1, 4], 1), (2, 5))],
    "Flip": [(lambda t, x: x.flip(0, 1), (2, 3))],
    "Roll": [(lambda t, x: x.roll(1, 1), (2, 3)), (lambda t, x: x.roll((1, 2), (0, 1)), (2, 3))],
    "Rot90": [(lambda t, x: x.rot90(1, (0, 1)), (2, 3))],
    "Repeat": [(lambda t, x: x.repeat(2, 1, 3), (2, 3))],
    "Tril": [(lambda t, x: x.tril(), (3, 4))],
    "Triu": [(lambda t, x: x.triu(1), (3, 4))],
    "ConstantPadNd": [(lambda t, x: f(t).pad(x, (1, 2), value=0.5), (2, 3))],
    "Pad": [
        (lambda t, x: f(t).pad(x, (2, 1), mode="reflect"), (1, 2, 4)),
        (lambda t, x: f(t).pad(x, (2, 1), mode="replicate"), (1, 2, 4)),
        (lambda t, x: f(t).pad(x, (2, 1), mode="circular"), (1, 2, 4)),
    ],
    "PadBack": [(lambda t, x: f(t).pad(x, (2, 1), mode="reflect") ** 2, (1, 2, 4))],
}
ENTRIES = {
    "Select": [(lambda t, x: x[1], (2, 3)), (lambda t, x: x.select(1, 2), (2, 3))],
    "Slice": [(lambda t, x: x[1:], (3, 2)), (lambda t, x: x[:, ::2], (3, 4))],
    "Basic": [(lambda t, x: x[None, 1:, ..., 0], (3, 2, 2)), (lambda t, x: x[::2, ::2], (3, 4))],
    "Place": [(lambda t, x: x[None, 1:, ..., 0] ** 2, (3, 2, 2))],
    "Index": [(lambda t, x, i: x[i], (3, 2), index(3, 4)), (lambda t, x, i: x[:, i], (2, 3), index(3, 2, 2))],
    "AddAt": [(lambda t, x, i: x[i] ** 2, (3, 2), index(3, 4))],
    "IndexPut": [(lambda t, x, i, v: x.index_put((i,), v), (4, 2), places(4, 2), (2, 2))],
    "Fill": [(lambda t, x: x.clone().fill_(2.0) * x, (2, 3))],
    "CopySlices": [(lambda t, x, v: written(x, 1, v), (3, 2), (2,))],
    "CopyInto": [(lambda t, x, v: x.clone().copy_(v) * x, (3, 2), (2,))],
    "Spread": [(lambda t, x, i: x.gather(1, i) ** 2, (2, 3), index(3, 2, 4))],
    "Gather": [(lambda t, x, i: x.gather(1, i), (2, 3), index(3, 2, 4))],
    "ScatterAdd": [(lambda t, x, i, s: x.scatter_add(1, i, s), (2, 3), index(3, 2, 4), (2, 4))],
    "Scatter": [(lambda t, x, s: x.scatter(1, t.tensor([[2, 0], [1, 2]]), s), (2, 3), (2, 2))],
    "ScatterValue": [(lambda t, x, i: x.scatter(1, i, 2.0), (2, 3), index(3, 2, 2))],
    "ScatterReduce": [
        (lambda t, x, i, s: x.scatter_reduce(1, i, s, "amax"), apart(2, 3), index(3, 2, 4), apart(2, 4)),
        (lambda t, x, i, s: x.scatter_reduce(1, i, s, "mean"), (2, 3), index(3, 2, 4), (2, 4)),
        (lambda t, x, i, s: x.scatter_reduce(1, i, s, "prod"), positive(2, 3), index(3, 2, 4), positive(2, 4)),
    ],
    "IndexSelect": [(lambda t, x, i: x.index_select(1, i), (2, 3), index(3, 4))],
    "IndexAdd": [(lambda t, x, i, s: x.index_add(1, i, s, alpha=2), (2, 3), index(3, 4), (2, 4))],
    "IndexCopy": [(lambda t, x, i, s: x.index_copy(1, i, s), (2, 4), places(4, 2), (2, 2))],
    "IndexFill": [(lambda t, x, i: x.index_fill(1, i, 0.5), (2, 4), places(4, 2))],
    "Take": [(lambda t, x, i: x.take(i), (2, 3), index(6, 4))],
    "Put": [(lambda t, x, i, s: x.put(i, s, accumulate=True), (2, 3), index(6, 4), (4,))],
    "MaskedFill": [(lambda t, x, m: x.masked_fill(m, 0.5), (2, 3), mask(2, 3))],
    "MaskedSelect": [(lambda t, x, m: x.masked_select(m), (3, 3), mask(3, 3))],
    "MaskedPlace": [(lambda t, x, m: x.masked_select(m) ** 2, (3, 3), mask(3, 3))],
    "MaskedScatter": [(lambda t, x, m, s: x.masked_scatter(m, s), (3, 3), mask(3, 3), (9,))],
    "Embedding": [(lambda t, w, i: f(t).embedding(i, w), (4, 3), index(4, 2, 3))],
    "EmbeddingBag": [
        (lambda t, w, i: f(t).embedding_bag(i, w, t.tensor([0, 2]), mode="mean"), (4, 3), index(4, 5)),
        (lambda t, w, i: f(t).embedding_bag(i, w, mode="max"), apart(4, 3), index(4, 2, 3)),
    ],
    "EmbeddingGradient": [(lambda t, w, i: f(t).embedding(i, w) ** 2, (4, 3), index(4, 2, 3))],
}
REDUCTIONS = {
    "Sum": [
        (lambda t, x: x.sum(), (2, 3)),
        (lambda t, x: x.sum(0), (2, 3)),
        (lambda t, x: x.sum((0, 2), True), (2, 3, 2)),
    ],
    "Mean": [(lambda t, x: x.mean(), (2, 3)), (lambda t, x: x.mean(1, True), (2, 3))],
    "Prod": [(lambda t, x: x.prod(), (2, 3)), (lambda t, x: x.prod(1), (2, 3))],
    "Max": [(lambda t, x: x.max(), apart(2, 3)), (lambda t, x: x.amax(1), apart(2, 3))],
    "Min": [(lambda t, x: x.min(), apart(2, 3)), (lambda t, x: x.amin(1), apart(2, 3))],
    "Median": [(lambda t, x: x.median(), apart(2, 4))],
    "Var": [(lambda t, x: x.var(), (2, 3)), (lambda t, x: x.var(1, correction=0), (2, 3))],
    "Std": [(lambda t, x: x.std(), (2, 3)), (lambda t, x: x.std(1, keepdim=True), (2, 3))],
    "DistanceNorm": [(lambda t, a, b: f(t).pairwise_distance(a, b), (2, 3), (2, 3))],
    "LogSumExp": [(lambda t, x: x.logsumexp(1), (2, 3))],
    "VectorNorm": [
        (lambda t, x: x.norm(), (2, 3)),
        (lambda t, x: x.norm(3, 1), (2, 3)),
        (lambda t, x: x.norm(1), (2, 3)),
    ],
    "NanSum": [(lambda t, x: x.nansum(1), (2, 3))],
    "CumSum": [(lambda t, x: x.cumsum(1), (2, 3))],
    "CumProd": [(lambda t, x: x.cumprod(1), (2, 4))],
    "LogCumSumExp": [(lambda t, x: x.logcumsumexp(1), (2, 4))],
    "Chosen": [(lambda t, x: x.max(1).values, apart(2, 4)), (lambda t, x: x.kthvalue(2, 1).values, apart(2, 4))],
    "Reached": [(lambda t, x: x.cummax(1).values, apart(2, 5))],
    "Returned": [(lambda t, x: x.max(1).values ** 2, apart(2, 4))],
    "Gathered": [(lambda t, x: x.cummax(1).values ** 2, apart(2, 5))],
    "Softmax": [(lambda t, x: f(t).softmax(x, 1), (2, 4)), (lambda t, x: f(t).softmax(x, 0), (2, 4))],
    "LogSoftmax": [(lambda t, x: f(t).log_softmax(x, 1), (2, 4))],
}
MATRICES = {
    "MatMul": [(lambda t, a, b: a @ b, (2, 3), (3, 4)), (lambda t, a, b: a @ b, (2, 1, 2, 3), (4, 3, 2))],
    "AddProduct": [
        (lambda t, x, a, b: t.addmm(x, a, b, beta=0.5, alpha=2), (4,), (2, 3), (3, 4)),
        (lambda t, x, a, b: t.baddbmm(x, a, b), (2, 2, 4), (2, 2, 3), (2, 3, 4)),
    ],
    "Trace": [(lambda t, a: a.trace(), (3, 4))],
    "Dot": [(lambda t, a, b: a.dot(b), (3,), (3,))],
    "Vm": [(lambda t, v, a: v @ a, (3,), (3, 4)), (lambda t, v, a: v @ a, (3,), (2, 3, 4))],
    "Mv": [(lambda t, a, v: a.mv(v), (2, 3), (3,))],
    "Linear": [(lambda t, x, w, b: f(t).linear(x, w, b), (4, 3), (2, 3), (2,))],
    "LinearNoBias": [(lambda t, x, w: f(t).linear(x, w), (5, 4, 3), (2, 3))],
    "Inverse": [
        (lambda t, a: t.linalg.inv(a), invertible(3)),
        (lambda t, a: t.linalg.inv(a), complex_invertible(3)),
    ],
    "Solve": [
        (lambda t, a, b: t.linalg.solve(a, b), invertible(3), (3, 2)),
        (lambda t, a, b: t.linalg.solve(a, b), complex_invertible(3), complex_(2, 3, 2)),
    ],
    "Det": [
        (lambda t, a: t.linalg.det(a), invertible(3)),
        (lambda t, a: t.linalg.det(a), complex_invertible(3)),
    ],
    "SolveTriangular": [
        (lambda t, a, b: t.linalg.solve_triangular(a, b, upper=True), invertible(3), (3, 2)),
        (lambda t, a, b: t.linalg.solve_triangular(a, b, upper=False, left=False), complex_invertible(3), complex_(2, 3)),
    ],
    "Slogdet": [
        (lambda t, a: t.linalg.slogdet(a)[1], invertible(3)),
        (lambda t, a: t.linalg.slogdet(a), complex_invertible(3)),
    ],
    "Cholesky": [
        (lambda t, a: t.linalg.cholesky(definite(a)), (3, 3)),
        (lambda t, a: t.linalg.cholesky(definite(a)), complex_(3, 3)),
    ],
    "Pinv": [
        (lambda t, a: t.linalg.pinv(a), (3, 2)),
        (lambda t, a: t.linalg.pinv(a), (2, 2, 3)),
        (lambda t, a: t.linalg.pinv(a), complex_(3, 2)),
    ],
    "Eigh": [
        (lambda t, a: t.linalg.eigvalsh(symmetric(a)), (3, 3)),
        (lambda t, a: t.linalg.eigh(symmetric(a))[1].abs(), (3, 3)),
        (lambda t, a: t.linalg.eigh(symmetric(a))[1].abs(), complex_(3, 3)),
    ],
    "Eig": [
        (lambda t, a: t.linalg.eigvals(a), given(SPREAD)),
        (lambda t, a: t.linalg.eig(a)[1].abs(), given(SPREAD)),
        (lambda t, a: t.linalg.eig(a)[1].abs(), complex_invertible(3)),
    ],
    "Svd": [
        (lambda t, a: t.linalg.svdvals(a), (3, 2)),
        (lambda t, a: [f.abs() for f in t.linalg.svd(a, full_matrices=False)], (3, 2)),
        (lambda t, a: [f.abs() for f in t.linalg.svd(a, full_matrices=False)], complex_(2, 3)),
    ],
    "Qr": [
        (lambda t, a: t.linalg.qr(a).R.abs(), (4, 3)),
        (lambda t, a: t.linalg.qr(a), (2, 3, 3)),
        (lambda t, a: t.linalg.qr(a), complex_(3, 4)),
    ],
    "Lu": [
        (lambda t, a: t.linalg.lu_factor(a)[0], (2, 3, 3)),
        (lambda t, a: t.linalg.lu(a)[1:], (4, 3)),
        (lambda t, a: t.linalg.lu_factor(a)[0], complex_(3, 4)),
    ],
}
COMPLEX = {
    "Conj": [(lambda t, x: x.conj() * (1 + 2j), complex_(2, 3))],
    "Real": [(lambda t, x: x.real, complex_(2, 3))],
    "Imag": [(lambda t, x: x.imag, complex_(2, 3))],
    "Complex": [(lambda t, a, b: t.complex(a, b), (2, 3), (2, 3))],
    "Polar": [(lambda t, a, b: t.polar(a, b), positive(2, 3), (2, 3))],
    "Magnitude": [(lambda t, x: x.abs(), complex_(2, 3))],
    "Direction": [(lambda t, x: x.sgn(), complex_(2, 3))],
    "Angle": [(lambda t, x: x.angle(), complex_(2, 3))],
    "ViewAsReal": [(lambda t, x: t.view_as_real(x), complex_(2, 3))],
    "ViewAsComplex": [(lambda t, x: t.view_as_complex(x), (3, 2))],
}
FOURIER = {
    "FftC2C": [(lambda t, x: t.fft.fftn(x, norm="ortho"), complex_(2, 3)), (lambda t, x: t.fft.ifft(x), complex_(2, 3))],
    "FftR2CFull": [(lambda t, x: t.fft.fft(x), (2, 3)), (lambda t, x: t.fft.ifft2(x), (2, 3))],
    "FftR2C": [(lambda t, x: t.fft.rfft(x), (2, 4)), (lambda t, x: t.fft.rfft2(x, norm="forward"), (2, 3))],
    "FftC2R": [(lambda t, x: t.fft.irfft(x), complex_(2, 3)), (lambda t, x: t.fft.irfftn(x, s=(2, 5)), complex_(2, 3))],
}
LOSSES = {
    "MseLoss": [
        (lambda t, a, b: f(t).mse_loss(a, b), (2, 3), (2, 3)),
        (lambda t, a, b: f(t).mse_loss(a, b, reduction="none"), (2, 3), (2, 3)),
    ],
    "L1Loss": [(lambda t, a, b: f(t).l1_loss(a, b), (2, 3), (2, 3))],
    "SmoothL1Loss": [(lambda t, a, b: f(t).smooth_l1_loss(a, b, beta=0.7), (3, 3), (3, 3))],
    "HuberLoss": [(lambda t, a, b: f(t).huber_loss(a, b, delta=0.7), (3, 3), (3, 3))],
    "BinaryCrossEntropy": [
        (lambda t, p, y, w: f(t).binary_cross_entropy(p, y, w), unit(2, 3), unit(2, 3), fixed(positive(2, 3)))
    ],
    "BinaryCrossEntropyWithLogits": [
        (
            lambda t, x, y: f(t).binary_cross_entropy_with_logits(x, y, pos_weight=t.tensor([2.0, 1, 3]).double()),
            (2, 3),
            unit(2, 3),
        )
    ],
    "KlDiv": [(lambda t, x, y: f(t).kl_div(x, y, reduction="batchmean"), (2, 3), unit(2, 3))],
    "SoftMarginLoss": [(lambda t, x, y: f(t).soft_margin_loss(x, y), (2, 3), fixed(sign(2, 3)))],
    "MultiMarginLoss": [(lambda t, x, y: f(t).multi_margin_loss(x, y), (3, 4), index(4, 3))],
    "MultilabelMarginLoss": [(lambda t, x: f(t).multilabel_margin_loss(x, t.tensor([[1, 2, -1, 0]])), (1, 4))],
    "BriefCrossEntropy": [(lambda t, x, y: f(t).cross_entropy(x, y), (4, 3), index(3, 4))],
    "CrossEntropy2d": [(lambda t, x, y: f(t).cross_entropy(x, y), (2, 3, 4), index(3, 2, 4))],
    "CrossEntropy": [(lambda t, x, y: f(t).cross_entropy(x, y, label_smoothing=0.1), (4, 3), index(3, 4))],
    "NllLoss": [(lambda t, x, y: f(t).nll_loss(x, y), (4, 3), index(3, 4))],
    "NllLoss2d": [(lambda t, x, y: f(t).nll_loss(x, y), (2, 3, 4), index(3, 2, 4))],
    "CtcLoss": [
        (lambda t, x: f(t).ctc_loss(f(t).log_softmax(x, 2), t.tensor([[1, 2], [2, 2]]), (5, 5), (2, 1)), (5, 2, 3)),
    ],
}
LAYERS = {
    "Glu": [(lambda t, x: f(t).glu(x), (2, 6))],
    "Convolution": [
        (lambda t, x, w, b: f(t).conv1d(x, w, b, padding=1), (2, 3, 5), (4, 3, 3), (4,)),
        (lambda t, x, w: f(t).conv2d(x, w, stride=2, groups=2), (1, 4, 5, 6), (2, 2, 3, 2)),
    ],
    "ConvolutionTranspose": [
        (lambda t, x, w, b: f(t).conv_transpose2d(x, w, b, stride=2), (1, 3, 2, 3), (3, 2, 2, 2), (2,))
    ],
    "Im2Col": [(lambda t, x: f(t).unfold(x, (2, 2), padding=1), (1, 2, 3, 4))],
    "Col2Im": [(lambda t, x: f(t).fold(x, (3, 4), (2, 2)), (1, 8, 6))],
    "MaxPool": [(lambda t, x: f(t).max_pool2d(x, 2, stride=1), apart(1, 2, 3, 4))],
    "RectifiedMaxPool": [(lambda t, x: rectified_max_pool(t, x), apart(1, 2, 4, 4))],
    "MaxPoolWithIndices": [(lambda t, x: f(t).max_pool2d(x, 2, return_indices=True)[0], apart(1, 2, 4, 4))],
    "AdaptiveMaxPool": [(lambda t, x: f(t).adaptive_max_pool2d(x, (2, 3)), apart(1, 2, 5, 4))],
    "AvgPool": [(lambda t, x: f(t).avg_pool2d(x, 2, padding=1), (1, 2, 4, 4))],
    "AdaptiveAvgPool": [(lambda t, x: f(t).adaptive_avg_pool2d(x, (2, 3)), (1, 2, 5, 4))],
    "MaxUnpool": [
        (lambda t, x: f(t).max_unpool2d(x, t.tensor([[[[0, 3], [8, 13]]]]), 2), (1, 1, 2, 2)),
    ],
    "NativeBatchNorm": [
        (lambda t, x, w, b: f(t).batch_norm(x, None, None, w, b, training=True), (4, 3, 2), (3,), (3,))
    ],
    "BatchNormWithStatistics": [
        (lambda t, x, w, b: f(t).batch_norm(x, t.zeros(3).double(), 2 * t.ones(3).double(), w, b), (4, 3), (3,), (3,))
    ],
    "NativeLayerNorm": [(lambda t, x, w, b: f(t).layer_norm(x, (3,), w, b), (2, 4, 3), (3,), (3,))],
    "RmsNorm": [(lambda t, x, w: f(t).rms_norm(x, (3,), w), (2, 4, 3), (3,))],
    "NativeGroupNorm": [(lambda t, x, w, b: f(t).group_norm(x, 2, w, b), (2, 4, 3), (4,), (4,))],
    "InstanceNorm": [(lambda t, x, w, b: f(t).instance_norm(x, weight=w, bias=b), (2, 4, 5), (4,), (4,))],
    "InstanceNormWithStatistics": [
        (
            lambda t, x, w, b: f(t).instance_norm(x, t.zeros(4).double(), 2 * t.ones(4).double(), w, b, False),
            (2, 4, 5),
            (4,),
            (4,),
        )
    ],
    "PixelShuffle": [(lambda t, x: f(t).pixel_shuffle(x, 2), (1, 8, 2, 3))],
    "PixelUnshuffle": [(lambda t, x: f(t).pixel_unshuffle(x, 2), (1, 2, 4, 6))],
    "ChannelShuffle": [(lambda t, x: f(t).channel_shuffle(x, 2), (1, 4, 2, 2))],
    "Upsample": [
        (lambda t, x: f(t).interpolate(x, scale_factor=2, mode="bilinear"), (1, 2, 3, 2)),
        (lambda t, x: f(t).interpolate(x, size=(5, 4), mode="nearest"), (1, 2, 3, 2)),
        (lambda t, x: f(t).interpolate(x, size=(5, 4), mode="bicubic", align_corners=True), (1, 2, 3, 2)),
    ],
    "UpsampleGradient": [(lambda t, x: f(t).interpolate(x, scale_factor=2, mode="bilinear") ** 2, (1, 2, 3, 2))],
    "GridSampler": [(lambda t, x, g: f(t).grid_sample(x, g.tanh(), align_corners=False), (1, 2, 4, 4), (1, 3, 3, 2))],
    "GridSampler3D": [
        (lambda t, x, g: f(t).grid_sample(x, g.tanh(), align_corners=False), (1, 1, 3, 3, 3), (1, 2, 2, 2, 3))
    ],
    "AffineGridGenerator": [(lambda t, x: f(t).affine_grid(x, (2, 1, 3, 4), align_corners=False), (2, 2, 3))],
    "ScaledDotProductAttention": [
        (lambda t, q, k, v: f(t).scaled_dot_product_attention(q, k, v), (1, 2, 3, 4), (1, 2, 5, 4), (1, 2, 5, 4)),
        (
            lambda t, q, k, v: f(t).scaled_dot_product_attention(q, k, v, is_causal=True),
            (1, 2, 3, 4),
            (1, 2, 3, 4),
            (1, 2, 3, 4),
        ),
    ],
    "ScaledDotProductAttentionMath": [
        (lambda t, q, k, v: f(t).scaled_dot_product_attention(q, k, v), (2, 3, 4), (2, 5, 4), (2, 5, 4))
    ],
    "Rnn": [
        (lambda t, *x: recurrent(t, "rnn_tanh", *x), (5, 2, 3), (2, 4), (4, 3), (4, 4), (4,), (4,)),
        (lambda t, *x: recurrent(t, "rnn_relu", *x), (5, 2, 3), (2, 4), (4, 3), (4, 4), (4,), (4,)),
    ],
    "Lstm": [(lambda t, *x: recurrent(t, "lstm", *x), (5, 2, 3), (2, 4), (2, 4), (16, 3), (16, 4), (16,), (16,))],
    "Gru": [(lambda t, *x: recurrent(t, "gru", *x), (5, 2, 3), (2, 4), (12, 3), (12, 4), (12,), (12,))],
}
# There are no second derivatives of these, and an error says so.
FIRST_ORDER_ONLY = ["CtcLoss"]

CASES = {**SHAPES, **ENTRIES, **REDUCTIONS, **MATRICES, **COMPLEX, **FOURIER, **LOSSES, **LAYERS}
