"""What can be known without PyTorch: layers and losses by hand, and gradients against finite differences."""

import math

import numpy as np
import pytest

import chainrule as torch
import chainrule.nn.functional as F
from chainrule import nn
from chainrule.tensors.gradcheck import gradcheck, gradgradcheck


def doubles(*shape, seed=0):
    """Numbers no two of which are near each other, so that a small step changes no order."""
    rng = np.random.default_rng(seed)
    n = int(np.prod(shape))
    return torch.tensor(rng.permutation(np.linspace(-1.5, 1.6, n)).reshape(shape), requires_grad=True)


def test_a_linear_layer():
    layer = nn.Linear(2, 3)
    assert layer.weight.shape == (3, 2) and float(layer.weight.abs().max().detach()) <= 1 / math.sqrt(2)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
        layer.bias.copy_(torch.tensor([0.1, 0.2, 0.3]))
    y = layer(torch.tensor([[1.0, -1.0]]))
    assert y.tolist()[0] == pytest.approx([-0.9, -0.8, -0.7])
    y.sum().backward()
    assert layer.weight.grad.tolist() == [[1, -1]] * 3 and layer.bias.grad.tolist() == [1, 1, 1]


def test_losses_of_two_numbers():
    x, y = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 1.5])
    assert float(F.mse_loss(x, y)) == (4 + 0.25) / 2
    assert float(F.l1_loss(x, y, reduction="sum")) == 2.5
    assert F.smooth_l1_loss(x, y, reduction="none").tolist() == [1.5, 0.125]
    assert F.huber_loss(x, y, reduction="none", delta=2.0).tolist() == [2, 0.125]


def test_cross_entropy_is_the_log_of_the_share():
    x = torch.tensor([[0.0, math.log(3.0)], [5.0, 5.0]])
    loss = F.cross_entropy(x, torch.tensor([1, 0]), reduction="none")
    assert loss.tolist() == pytest.approx([-math.log(0.75), math.log(2)])


def test_dropout_keeps_the_mean():
    torch.manual_seed(0)
    y = F.dropout(torch.ones(20000), 0.25)
    assert sorted(set(y.tolist())) == [0, pytest.approx(4 / 3)] and float(y.mean()) == pytest.approx(1, abs=0.02)


def test_normalized_rows_have_mean_0_and_variance_1():
    y = F.layer_norm(doubles(3, 8), (8,))
    assert y.mean(1).tolist() == pytest.approx([0] * 3, abs=1e-12)
    assert (y * y).mean(1).tolist() == pytest.approx([1] * 3, rel=1e-4)


TWICE = {
    "linear": (lambda x, w: F.linear(x, w, w[:, 0]), [(2, 3), (4, 3)]),
    "linear of three axes": (lambda x, w: F.linear(x, w), [(2, 2, 3), (4, 3)]),
    "bilinear": (lambda x, y, w: F.bilinear(x, y, w), [(2, 2), (2, 3), (2, 2, 3)]),
    "mse": (lambda x, y: F.mse_loss(x, y), [(2, 3), (2, 3)]),
    "huber": (lambda x, y: F.huber_loss(x, y, delta=0.7), [(2, 3), (2, 3)]),
    "cross entropy": (lambda x: F.cross_entropy(x, torch.tensor([2, 0])), [(2, 3)]),
    "cross entropy, weighted": (
        lambda x: F.cross_entropy(x, torch.tensor([2, 0]), torch.tensor([0.5, 1.0, 2.0]).double(), label_smoothing=0.2),
        [(2, 3)],
    ),
    "cross entropy of shares": (lambda x, y: F.cross_entropy(x, y.softmax(1)), [(2, 3), (2, 3)]),
    "binary cross entropy": (lambda x, y: F.binary_cross_entropy_with_logits(x, y.sigmoid()), [(2, 3), (2, 3)]),
    "glu": (lambda x: F.glu(x), [(2, 4)]),
    "softmax": (lambda x: F.softmax(x, 0), [(3, 2)]),
    "convolution": (lambda x, w: F.conv1d(x, w, stride=2, padding=1), [(1, 2, 5), (2, 2, 3)]),
    "convolution in groups": (lambda x, w, b: F.conv2d(x, w, b, groups=2, dilation=2), [(1, 2, 4, 3), (2, 1, 2, 2), (2,)]),
    "transposed": (lambda x, w, b: F.conv_transpose1d(x, w, b, 2, 1, 1), [(1, 2, 3), (2, 2, 3), (2,)]),
    "max pooling": (lambda x: F.max_pool1d(x * x, 3, 2, 1), [(1, 2, 6)]),
    "average pooling": (lambda x: F.avg_pool1d(x * x, 3, 2, 1, count_include_pad=False), [(1, 2, 6)]),
    "adaptive pooling": (lambda x: F.adaptive_avg_pool2d(x * x, (2, 1)), [(1, 1, 3, 3)]),
    "adaptive maxima": (lambda x: F.adaptive_max_pool1d(x * x, 2), [(1, 2, 5)]),
    "batch norm": (lambda x, w, b: F.batch_norm(x, None, None, w, b, True), [(4, 2), (2,), (2,)]),
    "layer norm": (lambda x, w, b: F.layer_norm(x, (4,), w, b), [(2, 4), (4,), (4,)]),
    "rms norm": (lambda x, w: F.rms_norm(x, (4,), w), [(2, 4), (4,)]),
    "group norm": (lambda x, w, b: F.group_norm(x, 2, w, b), [(1, 4, 2), (4,), (4,)]),
    "embedding": (lambda w: F.embedding(torch.tensor([0, 2, 0]), w * w), [(3, 2)]),
    "bags": (lambda w: F.embedding_bag(torch.tensor([[0, 2], [1, 1]]), w * w), [(3, 2)]),
    "interpolate": (lambda x: F.interpolate(x * x, scale_factor=1.5, mode="bilinear"), [(1, 1, 2, 3)]),
    "pixel shuffle": (lambda x: F.pixel_shuffle(x * x, 2), [(1, 4, 1, 2)]),
    "unfold": (lambda x: F.unfold(x * x, 2), [(1, 1, 3, 3)]),
    "attention": (lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True), [(1, 3, 2)] * 3),
    "distance": (lambda x, y: F.pairwise_distance(x, y), [(2, 3), (2, 3)]),
    "cosine": (lambda x, y: F.cosine_similarity(x, y), [(2, 3), (2, 3)]),
}


@pytest.mark.parametrize("name", TWICE)
def test_first_and_second_derivatives_agree_with_differences(name):
    function, shapes = TWICE[name]
    inputs = tuple(doubles(*s, seed=k) for k, s in enumerate(shapes))
    assert gradcheck(function, inputs) and gradgradcheck(function, inputs)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_recurrent_layers_agree_with_differences(kind):
    layer = kind(2, 2, bidirectional=True).double()
    x = doubles(3, 1, 2)
    assert gradcheck(lambda x, *w: layer(x)[0], (x, *layer.parameters()))
    assert gradgradcheck(lambda x: layer(x)[0], (x,))


def test_halves_are_computed_in_single_precision():
    for layer in (nn.Linear(4, 3), nn.LayerNorm(4), nn.Conv1d(4, 2, 1), nn.LSTM(4, 2)):
        layer = layer.half()
        shape = (2, 4, 3) if isinstance(layer, nn.Conv1d) else (3, 2, 4)
        x = torch.ones(shape, dtype=torch.float16, requires_grad=True)
        y = layer(x)
        y = y[0] if isinstance(y, tuple) else y
        y.sum().backward()
        assert y.dtype is torch.float16 and x.grad.dtype is torch.float16
