"""Normalization against its formulas, its gradients against finite differences, and both against PyTorch."""

import numpy as np
import pytest

from chainrule.ops.kernels.norm import (
    batch_norm,
    batch_norm_backward,
    group_norm,
    layer_norm,
    norm_backward,
    rms_norm,
)
from tests.ops.kernels.checking import assert_gradients, close, draws

EPS = 1e-3
LAYERS = [((5,), 1), ((3, 5), 1), ((3, 4, 5), 2), ((2, 3, 40), 1), ((7, 600), 1)]  # shape, normalized axes
GROUPS = [((3, 4), 2), ((2, 6, 5), 3), ((2, 4, 3, 3), 4), ((2, 4, 5, 4), 1)]  # shape, groups
BATCHES = [(4, 3), (4, 3, 2), (3, 2, 5, 4), (2, 3, 2, 3, 4)]
AFFINE = [(True, True), (True, False), (False, True), (False, False)]  # weight, bias

each_affine = pytest.mark.parametrize(("with_weight", "with_bias"), AFFINE)


def affine(shape, with_weight, with_bias):
    draw = draws(5)
    return draw(*shape) if with_weight else None, draw(*shape) if with_bias else None


def standardized(x, axes, eps=EPS):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)


def shifted(x, weight, bias):
    return x * (1 if weight is None else weight) + (0 if bias is None else bias)


def column(v, ndim):
    return v if v is None else v.reshape(-1, *[1] * (ndim - 2))


def needed(*inputs):
    return tuple(v is not None for v in inputs)


@pytest.mark.parametrize(("shape", "axes"), LAYERS)
@each_affine
def test_layer_norm(shape, axes, with_weight, with_bias, cut):
    x = draws()(*shape)
    w, b = affine(shape[-axes:], with_weight, with_bias)
    y, kept = layer_norm(x, axes, w, b, EPS)
    close(y, shifted(standardized(x, tuple(range(-axes, 0))), w, b))
    g = draws(1)(*shape)
    gradients = norm_backward(g, kept, needed(x, w, b))
    assert_gradients(lambda x, w, b: (layer_norm(x, axes, w, b, EPS)[0] * g).sum(), (x, w, b), gradients)


@pytest.mark.parametrize(("shape", "axes"), LAYERS)
@pytest.mark.parametrize("with_weight", [False, True])
def test_rms_norm(shape, axes, with_weight, cut):
    x = draws()(*shape)
    w, _ = affine(shape[-axes:], with_weight, False)
    y, kept = rms_norm(x, axes, w, EPS)
    close(y, shifted(x / np.sqrt((x * x).mean(tuple(range(-axes, 0)), keepdims=True) + EPS), w, None))
    g = draws(1)(*shape)
    gradients = norm_backward(g, kept, (*needed(x, w), False))[:2]
    assert_gradients(lambda x, w: (rms_norm(x, axes, w, EPS)[0] * g).sum(), (x, w), gradients)


def test_rms_norm_takes_the_precisions_eps_unless_told():
    x = np.full((1, 4), 1e-8)
    close(rms_norm(x, 1)[0], x / np.sqrt(1e-16 + np.finfo(float).eps))


@pytest.mark.parametrize(("shape", "groups"), GROUPS)
@each_affine
def test_group_norm(shape, groups, with_weight, with_bias, cut):
    x = draws()(*shape)
    w, b = affine(shape[1:2], with_weight, with_bias)
    y, kept = group_norm(x, groups, w, b, EPS)
    rows = standardized(x.reshape(shape[0], groups, -1), (2,)).reshape(shape)
    close(y, shifted(rows, column(w, x.ndim), column(b, x.ndim)))
    g = draws(1)(*shape)
    gradients = norm_backward(g, kept, needed(x, w, b))
    assert_gradients(lambda x, w, b: (group_norm(x, groups, w, b, EPS)[0] * g).sum(), (x, w, b), gradients)


@pytest.mark.parametrize("shape", BATCHES)
@each_affine
def test_batch_norm_in_training(shape, with_weight, with_bias, cut):
    x = draws()(*shape)
    w, b = affine(shape[1:2], with_weight, with_bias)
    y, kept = batch_norm(x, w, b, eps=EPS)
    axes = (0, *range(2, len(shape)))
    close(kept.mean, x.mean(axes))
    close(kept.var, x.var(axes))
    close(y, shifted(standardized(x, axes), column(w, x.ndim), column(b, x.ndim)))
    g = draws(1)(*shape)
    gradients = batch_norm_backward(g, kept, needed(x, w, b))
    assert_gradients(lambda x, w, b: (batch_norm(x, w, b, eps=EPS)[0] * g).sum(), (x, w, b), gradients)


@pytest.mark.parametrize("shape", BATCHES)
@each_affine
def test_batch_norm_with_given_statistics(shape, with_weight, with_bias, cut):
    x = draws()(*shape)
    w, b = affine(shape[1:2], with_weight, with_bias)
    mean, var = draws(2)(shape[1]), np.random.default_rng(3).random(shape[1])
    y, kept = batch_norm(x, w, b, mean, var, EPS)
    rows = (x - column(mean, x.ndim)) / np.sqrt(column(var, x.ndim) + EPS)
    close(y, shifted(rows, column(w, x.ndim), column(b, x.ndim)))
    g = draws(1)(*shape)
    gradients = batch_norm_backward(g, kept, needed(x, w, b))
    assert_gradients(lambda x, w, b: (batch_norm(x, w, b, mean, var, EPS)[0] * g).sum(), (x, w, b), gradients)


def test_a_mean_far_from_zero_leaves_the_variance_its_digits():
    x = draws()(8, 3, 40).astype(np.float32)
    far = (x + 1000).astype(np.float32)
    _, kept = batch_norm(far)
    close(kept.var, far.astype(float).var((0, 2)), 1e-5)
    close(layer_norm(far, 1)[0], standardized(far.astype(float), (2,), 1e-5), 1e-2)


def test_the_result_may_be_written_to():
    x, g = draws()(3, 5), draws(1)(3, 5)
    y, kept = layer_norm(x, 1)
    before = norm_backward(g, kept)[0]
    y.fill(0)
    close(norm_backward(g, kept)[0], before)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_the_precision_is_the_inputs(dtype):
    x = draws()(4, 6, 20).astype(dtype)
    w = np.ones(20, dtype)
    y, kept = layer_norm(x, 1, w)
    assert y.dtype == dtype and [d.dtype for d in norm_backward(y, kept, (True, True, False))[:2]] == [dtype] * 2
    y, kept = batch_norm(x, np.ones(6, dtype))
    assert y.dtype == dtype and [d.dtype for d in batch_norm_backward(y, kept)] == [dtype] * 3


def test_what_has_no_meaning_is_refused():
    with pytest.raises(RuntimeError, match="to be divisible by num_groups, but got input of shape .*num_groups=4"):
        group_norm(np.ones((2, 6)), 4)
    with pytest.raises(ValueError, match="Expected more than 1 value per channel when training, got input size .1, 3."):
        batch_norm(np.ones((1, 3)))


def held_to(torch, y, kept, expected, tensors, backward):
    close(y, expected.detach())
    g = draws(9)(*y.shape)
    expected.backward(torch.tensor(g))
    for ours, tensor in zip(backward(g, kept, (True, True, True)), tensors, strict=True):
        close(ours, tensor.grad)


def test_it_is_pytorchs(cut):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    for shape, axes in LAYERS:
        arrays = [draws()(*shape), *affine(shape[-axes:], True, True)]
        tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
        expected = functional.layer_norm(tensors[0], shape[-axes:], *tensors[1:], eps=EPS)
        held_to(torch, *layer_norm(arrays[0], axes, *arrays[1:], EPS), expected, tensors, norm_backward)
    for shape, groups in GROUPS:
        arrays = [draws()(*shape), *affine(shape[1:2], True, True)]
        tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
        expected = functional.group_norm(tensors[0], groups, *tensors[1:], eps=EPS)
        held_to(torch, *group_norm(arrays[0], groups, *arrays[1:], EPS), expected, tensors, norm_backward)
    for shape in BATCHES:
        arrays = [draws()(*shape), *affine(shape[1:2], True, True)]
        tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
        expected = functional.batch_norm(tensors[0], None, None, *tensors[1:], training=True, eps=EPS)
        held_to(torch, *batch_norm(*arrays, eps=EPS), expected, tensors, batch_norm_backward)
