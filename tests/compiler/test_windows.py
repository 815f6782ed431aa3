"""Convolutions and pooling read as views and products: compiled whole, with the results and gradients of the kernels."""

import numpy as np
import pytest

import chainrule as torch
from chainrule.native import kernels
from chainrule.nn import functional as F

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")

# (function, shape of x, shape of w or None): each option, alone and with others
CASES = {
    "plain": (lambda x, w: F.conv2d(x, w), (2, 3, 5, 6), (4, 3, 3, 2)),
    "one line": (lambda x, w: F.conv1d(x, w, padding=1, stride=2), (2, 3, 9), (4, 3, 3)),
    "volume": (lambda x, w: F.conv3d(x, w, padding=(1, 0, 1)), (1, 2, 4, 3, 4), (3, 2, 2, 2, 2)),
    "stride that leaves a rest": (lambda x, w: F.conv2d(x, w, stride=(2, 3), padding=1), (2, 2, 6, 8), (3, 2, 3, 3)),
    "dilated": (lambda x, w: F.conv2d(x, w, dilation=2, padding=2), (2, 2, 6, 5), (3, 2, 3, 3)),
    "groups": (lambda x, w: F.conv2d(x, w, groups=2, padding=1, stride=2), (2, 4, 5, 5), (6, 2, 3, 3)),
    "each channel alone": (lambda x, w: F.conv2d(x, w, groups=4, padding=1), (2, 4, 5, 5), (4, 1, 3, 3)),
    "same": (lambda x, w: F.conv2d(x, w, padding="same"), (2, 2, 5, 5), (3, 2, 4, 4)),
    "padding wider than the kernel": (lambda x, w: F.conv2d(x, w, padding=2), (1, 2, 4, 4), (3, 2, 1, 1)),
    "one tap": (lambda x, w: F.conv2d(x, w, stride=2), (2, 3, 5, 5), (4, 3, 1, 1)),
    "one sample": (lambda x, w: F.conv2d(x, w, padding=1), (3, 5, 5), (4, 3, 3, 3)),
    "transposed": (lambda x, w: F.conv_transpose2d(x, w), (2, 3, 4, 5), (3, 4, 3, 2)),
    "transposed, strided": (
        lambda x, w: F.conv_transpose2d(x, w, stride=2, padding=1, output_padding=1), (2, 3, 4, 4), (3, 2, 3, 3)
    ),
    "transposed, grouped, dilated": (
        lambda x, w: F.conv_transpose2d(x, w, stride=2, groups=2, dilation=2, padding=1), (2, 4, 3, 4), (4, 3, 3, 3)
    ),
    "transposed, one line": (lambda x, w: F.conv_transpose1d(x, w, stride=3), (2, 3, 4), (3, 2, 2)),
    "largest": (lambda x, w: F.max_pool2d(x, 2), (2, 3, 6, 4), None),
    "largest, a rest": (lambda x, w: F.max_pool2d(x, 2), (2, 3, 5, 7), None),
    "largest, overlapping": (lambda x, w: F.max_pool2d(x, 3, 2, 1), (2, 3, 7, 6), None),
    "largest, dilated": (lambda x, w: F.max_pool2d(x, 2, 1, dilation=2), (1, 2, 6, 6), None),
    "largest, over the end": (lambda x, w: F.max_pool1d(x, 3, 2, ceil_mode=True), (2, 2, 8), None),
    "largest of one sample": (lambda x, w: F.max_pool2d(x, 2), (3, 4, 4), None),
    "means": (lambda x, w: F.avg_pool2d(x, 2), (2, 3, 4, 6), None),
    "means without padding": (lambda x, w: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False), (2, 3, 5, 6), None),
    "means over the end": (lambda x, w: F.avg_pool2d(x, 3, 2, ceil_mode=True), (1, 2, 6, 6), None),
    "means of one line": (lambda x, w: F.avg_pool1d(x, 2), (2, 3, 7), None),
    "sums": (lambda x, w: F.avg_pool2d(x, 2, divisor_override=1), (2, 3, 4, 4), None),
    "the mean of all": (lambda x, w: F.adaptive_avg_pool2d(x, 1), (2, 3, 4, 5), None),
    "means of uneven parts": (lambda x, w: F.adaptive_avg_pool2d(x, (2, 3)), (2, 3, 5, 4), None),
    "nearest": (lambda x, w: F.interpolate(x, scale_factor=2), (2, 3, 3, 4), None),
    "linear": (lambda x, w: F.interpolate(x, size=7, mode="linear"), (2, 3, 4), None),
    "bilinear, corners": (lambda x, w: F.interpolate(x, size=(5, 3), mode="bilinear", align_corners=True), (2, 2, 3, 4), None),
    "bicubic": (lambda x, w: F.interpolate(x, scale_factor=1.5, mode="bicubic"), (1, 2, 4, 4), None),
}


def gradients(function, x, w):
    """A step that gives the result, and puts its gradients into tensors of their own."""
    leaves = [x] if w is None else [x, w]
    found = [torch.zeros_like(leaf).detach() for leaf in leaves]

    def step():
        y = function(x, w)
        weights = torch.arange(y.numel(), dtype=y.dtype).reshape(y.shape).sin()
        ds = torch.autograd.grad((y * weights).sum(), leaves)
        for mine, d in zip(found, ds):
            mine.copy_(d)
        return y.detach()

    return step, found


@pytest.mark.parametrize("name", CASES)
def test_is_what_the_kernels_compute(name):
    function, size, taps = CASES[name]
    torch.manual_seed(0)
    x = torch.randn(size, requires_grad=True)
    w = None if taps is None else torch.randn(taps, requires_grad=True)
    step, found = gradients(function, x, w)
    compiled = torch.compile(step)
    for _ in range(3):
        compiled()
    with torch.no_grad():
        x.copy_(torch.randn(size))
    y = compiled()
    mine = [y.numpy(), *[d.numpy().copy() for d in found]]
    theirs = [step().numpy(), *[d.numpy() for d in found]]
    assert compiled.compiled and compiled.latest.machine.whole, compiled.report()
    for a, b in zip(mine, theirs):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kernel", [2, 3])
def test_of_equal_entries_the_first_gets_the_gradient(kernel):
    x = torch.tensor([[[1.0, 1.0, 0.0], [1.0, 2.0, 2.0], [float("nan"), 2.0, 2.0]]], requires_grad=True)
    step, found = gradients(lambda x, w: F.max_pool2d(x, kernel, 1), x, None)
    compiled = torch.compile(step)
    for _ in range(3):
        compiled()
    found[0].zero_()
    compiled()
    mine = found[0].numpy().copy()
    step()
    assert compiled.latest.machine.whole
    np.testing.assert_array_equal(mine, found[0].numpy())


def test_large_convolutions_are_left_to_the_kernels_that_threads_share():
    x, w = torch.randn(32, 16, 32, 32), torch.randn(32, 16, 3, 3, requires_grad=True)
    step, _ = gradients(lambda x, w: F.conv2d(x, w, padding=1), x.requires_grad_(), w)
    compiled = torch.compile(step)
    for _ in range(3):
        compiled()
    assert compiled.compiled and not compiled.latest.machine.whole
