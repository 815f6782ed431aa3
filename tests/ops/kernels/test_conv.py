"""Convolution against loops written out, its gradients against finite differences, and both against PyTorch."""

from itertools import product

import numpy as np
import pytest

from chainrule.ops.kernels import columns
from chainrule.ops.kernels.conv import conv, conv_backward, conv_transpose, conv_transpose_backward, fold, unfold
from chainrule.ops.kernels.windows import windows
from tests.ops.kernels.checking import assert_gradients, close, draws

# size, kernel, stride, padding, dilation, groups, channels of a group, kernels of a group
CASES = [
    ((7,), (3,), (1,), (0,), (1,), 1, 1, 1),
    ((9,), (4,), (2,), (1,), (2,), 2, 3, 2),
    ((6, 5), (3, 3), (1, 1), (1, 1), (1, 1), 1, 3, 4),
    ((6, 5), (2, 3), (2, 1), (0, 2), (1, 2), 1, 2, 9),
    ((8, 8), (2, 2), (2, 2), (0, 0), (1, 1), 3, 1, 1),
    ((5, 6), (1, 1), (1, 1), (0, 0), (1, 1), 2, 2, 3),
    ((5, 5), (1, 1), (2, 2), (0, 0), (1, 1), 1, 2, 3),
    ((7, 7), (3, 3), (3, 3), (1, 1), (2, 2), 1, 1, 2),
    ((3, 4), (3, 3), (1, 1), (4, 4), (1, 1), 1, 2, 2),
    ((4, 5, 6), (2, 3, 2), (1, 2, 1), (1, 1, 0), (1, 1, 2), 1, 2, 3),
]


def arrays(case, samples=3, dtype=float):
    size, kernel, *_, groups, of_channels, of_kernels = case
    draw = draws(len(size) + of_kernels)
    x = draw(samples, groups * of_channels, *size).astype(dtype)
    w, b = draw(groups * of_kernels, of_channels, *kernel).astype(dtype), draw(groups * of_kernels).astype(dtype)
    return x, w, b


def by_loops(x, w, b, stride, padding, dilation, groups):
    """The formula, one place and one tap at a time."""
    win = windows(x.shape[2:], w.shape[2:], stride, padding, dilation)
    padded = np.pad(x, [(0, 0), (0, 0), *zip(win.before, win.after, strict=True)])
    y = np.zeros((len(x), len(w), *win.out))
    channels = w.shape[1]
    for o in range(len(w)):
        group = o // (len(w) // groups)
        seen = padded[:, group * channels : (group + 1) * channels]
        for i in product(*map(range, win.out)):
            for t in win.all_taps():
                at = tuple(s * j + d * k for s, j, d, k in zip(win.stride, i, win.dilation, t, strict=True))
                y[(slice(None), o, *i)] += seen[(..., *at)] @ w[(o, slice(None), *t)]
    return y + b.reshape(-1, *[1] * (x.ndim - 2))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_conv_is_its_formula(case, cut, layout):
    x, w, b = arrays(case)
    close(conv(x, w, b, *case[2:6])[0], by_loops(x, w, b, *case[2:6]))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_gradients_of_conv(case, cut, layout):
    inputs = arrays(case)
    y, kept = conv(*inputs, *case[2:6])
    g = draws(9)(*y.shape)
    assert_gradients(lambda *a: float((conv(*a, *case[2:6])[0] * g).sum()), inputs, conv_backward(g, kept), step=1e-3)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_conv_transpose_is_the_adjoint_of_conv(case, cut, layout):
    """⟨conv(x), z⟩ = ⟨x, conv_transpose(z)⟩ for any x and z, where no entry is left out at the end."""
    size, _, stride, padding, dilation, groups, *_ = case
    x, w, _ = arrays(case)
    y, _ = conv(x, w, None, stride, padding, dilation, groups)
    z = draws(8)(*y.shape)
    kernel = w.shape[2:]
    extra = tuple(
        n - ((m - 1) * s - 2 * p + d * (k - 1) + 1)
        for n, m, s, p, d, k in zip(size, y.shape[2:], stride, padding, dilation, kernel, strict=True)
    )
    back, kept = conv_transpose(z, w, None, stride, padding, extra, groups, dilation)
    close((y * z).sum(), (x * back).sum())
    g = draws(7)(*back.shape)
    dz, dw, _ = conv_transpose_backward(g, kept, (True, True, False))

    def loss(z, w):
        return float((conv_transpose(z, w, None, stride, padding, extra, groups, dilation)[0] * g).sum())

    assert_gradients(loss, (z, w), (dz, dw), step=1e-3)


def test_the_bias_of_a_transposed_convolution_reaches_every_output():
    draw = draws()
    x, w, b = draw(2, 3, 4), draw(3, 2, 3), draw(2)
    plain, _ = conv_transpose(x, w, None, 2)
    y, kept = conv_transpose(x, w, b, 2)
    close(y - plain, np.broadcast_to(b[:, None], y.shape))
    g = draw(*y.shape)
    close(conv_transpose_backward(g, kept)[2], g.sum((0, 2)))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_unfold_and_fold_are_adjoint(case):
    size, kernel, stride, padding, dilation, *_ = case
    x, w, _ = arrays(case)
    columns, win = unfold(x, kernel, dilation, padding, stride)
    assert columns.shape == (len(x), x.shape[1] * win.taps, win.places)
    z = draws(5)(*columns.shape)
    close((columns * z).sum(), (x * fold(z, win)).sum())
    if case[5] == 1:
        y, _ = conv(x, w, None, stride, padding, dilation)
        close((w.reshape(len(w), -1) @ columns).reshape(y.shape), y)


def test_only_what_is_needed_is_computed():
    x, w, b = arrays(CASES[2])
    y, kept = conv(x, w, b, padding=1)
    assert [d is not None for d in conv_backward(y, kept, (False, True, False))] == [False, True, False]


def test_no_samples_make_no_outputs():
    x, w, b = arrays(CASES[2], samples=0)
    y, kept = conv(x, w, b, padding=1)
    assert y.shape == (0, 4, 6, 5)
    dx, dw, db = conv_backward(y, kept)
    assert dx.shape == x.shape and not dw.any() and not db.any()


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_the_precision_is_the_inputs(dtype):
    x, w, b = arrays(CASES[2], dtype=dtype)
    y, kept = conv(x, w, b, padding=1)
    exact = conv(*(a.astype(float) for a in (x, w, b)), padding=1)[0]
    assert y.dtype == dtype and [d.dtype for d in conv_backward(y, kept)] == [dtype] * 3
    close(y, exact, 4 * float(np.finfo(dtype).eps) * 10)


@pytest.mark.parametrize("budget", [500, 1500, 5000, 8000, 16000, 24000, 32000])
def test_chunks_of_any_size_join_up(budget, layout, monkeypatch):
    """Five samples in chunks of one, two, … of them, and of one row, two rows, … of places."""
    x, w, b = arrays(CASES[2], samples=5)
    y, kept = conv(x, w, b, padding=1)
    gradients = conv_backward(y, kept)
    monkeypatch.setattr(columns, "COLUMN_BYTES", budget)
    close(conv(x, w, b, padding=1)[0], y)
    for ours, whole in zip(conv_backward(y, kept), gradients, strict=True):
        close(ours, whole)


def test_memory_that_runs_backwards_or_with_gaps_is_read_right():
    x, w, b = arrays(CASES[2])
    turned = x[::-1, :, ::-1].copy()[::-1, :, ::-1]
    spaced = np.repeat(x, 2, 3)[..., ::2]
    for other in (turned, spaced, np.asfortranarray(x)):
        close(conv(other, w, b, padding=1)[0], conv(x, w, b, padding=1)[0])


@pytest.mark.parametrize(
    ("x", "w", "b", "groups", "words"),
    [
        ((1, 2, 8), (4, 3, 3), None, 1, r"expected input\[1, 2, 8\] to have 3 channels, but got 2 channels instead"),
        ((1, 3, 8), (4, 3, 3), (5,), 1, "expected bias to be 1-dimensional with 4 elements, but got bias of size"),
        ((1, 9, 8), (4, 3, 3), None, 3, "expected weight to be divisible by 3 at dimension 0"),
        ((1, 3, 8), (4, 3, 3), None, 0, "non-positive groups is not supported"),
        ((3, 8), (4, 3, 3), None, 1, r"Expected 2D \(unbatched\) or 3D \(batched\) input to conv1d, but got .* \[3, 8\]"),
        ((1, 3, 2), (4, 3, 3), None, 1, "Kernel size can't be greater than actual input size"),
    ],
)
def test_what_does_not_fit_is_refused(x, w, b, groups, words):
    with pytest.raises(RuntimeError, match=words):
        conv(np.ones(x), np.ones(w), None if b is None else np.ones(b), groups=groups)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"output_padding": 2, "stride": 2}, "output padding must be smaller than either stride or dilation"),
        ({"output_padding": -1}, "negative output_padding is not supported"),
        ({"padding": 9}, "Output size is too small"),
        ({"bias": np.ones(4)}, "expected bias to be 1-dimensional with 3 elements"),
    ],
)
def test_what_does_not_fit_a_transposed_convolution_is_refused(changes, words):
    with pytest.raises(RuntimeError, match=words):
        conv_transpose(np.ones((1, 4, 8)), np.ones((4, 3, 3)), **changes)
    with pytest.raises(RuntimeError, match="to have 4 channels, but got 2 channels instead"):
        conv_transpose(np.ones((1, 2, 8)), np.ones((4, 3, 3)))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_conv_is_pytorchs(case, cut, layout):
    torch = pytest.importorskip("torch")
    x, w, b = arrays(case)
    tensors = [torch.tensor(a, requires_grad=True) for a in (x, w, b)]
    expected = getattr(torch.nn.functional, f"conv{x.ndim - 2}d")(*tensors, *case[2:6])
    y, kept = conv(x, w, b, *case[2:6])
    close(y, expected.detach())
    g = draws(3)(*y.shape)
    expected.backward(torch.tensor(g))
    for ours, tensor in zip(conv_backward(g, kept), tensors, strict=True):
        close(ours, tensor.grad)


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("extra", [0, 1])
def test_conv_transpose_is_pytorchs(case, extra, cut, layout):
    torch = pytest.importorskip("torch")
    size, kernel, stride, padding, dilation, groups, of_outs, of_channels = case
    if extra >= max(min(stride), min(dilation)):
        return
    if min(m * s - s - 2 * p + d * k - d + extra + 1 for m, s, p, d, k in zip(size, *case[2:5], kernel, strict=True)) < 1:
        return
    draw = draws(extra)
    x, w = draw(2, groups * of_channels, *size), draw(groups * of_channels, of_outs, *kernel)
    b = draw(groups * of_outs)
    tensors = [torch.tensor(a, requires_grad=True) for a in (x, w, b)]
    options = (stride, padding, extra, groups, dilation)
    expected = getattr(torch.nn.functional, f"conv_transpose{x.ndim - 2}d")(*tensors, *options)
    y, kept = conv_transpose(x, w, b, *options)
    close(y, expected.detach())
    g = draw(*y.shape)
    expected.backward(torch.tensor(g))
    for ours, tensor in zip(conv_transpose_backward(g, kept), tensors, strict=True):
        close(ours, tensor.grad)
