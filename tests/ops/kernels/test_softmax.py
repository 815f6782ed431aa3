"""Softmax and log-softmax against their formulas, and against PyTorch."""

import numpy as np
import pytest

from chainrule.ops.kernels.softmax import log_softmax, log_softmax_backward, softmax, softmax_backward
from tests.ops.kernels.checking import assert_gradients, close, draws

PAIRS = [(softmax, softmax_backward), (log_softmax, log_softmax_backward)]
SHAPES = [((7,), 0), ((3, 5), 1), ((3, 50), 1), ((3, 5), 0), ((2, 40, 3), 1), ((2, 3, 4), -1), ((40, 3), 0), ((1, 1), 1)]

each_pair = pytest.mark.parametrize(("forward", "backward"), PAIRS, ids=["softmax", "log_softmax"])
each_shape = pytest.mark.parametrize(("shape", "axis"), SHAPES)


@each_shape
def test_the_formula(shape, axis, cut):
    x = 5 * draws()(*shape)
    e = np.exp(x)
    p = e / e.sum(axis, keepdims=True)
    close(softmax(x, axis)[0], p)
    close(log_softmax(x, axis)[0], np.log(p))


@each_pair
@each_shape
def test_the_gradient(forward, backward, shape, axis, cut):
    draw = draws()
    x, g = draw(*shape), draw(*shape)
    dx = backward(g, forward(x, axis)[1], axis)
    assert_gradients(lambda x: (forward(x, axis)[0] * g).sum(), [x], [dx])


@each_pair
def test_large_numbers_do_not_overflow(forward, backward):
    x = np.array([[1e4, 1e4 + 1, -1e4]])
    close(forward(x, 1)[0], forward(x - 1e4, 1)[0])


@pytest.mark.parametrize("n", [3, 50])
@pytest.mark.parametrize("axis", [0, 1])
def test_what_has_no_answer_is_nan_and_stays_in_its_line(n, axis):
    x = np.zeros((3, n))
    x[0], x[1, 1], x[2, 0] = -np.inf, np.nan, -np.inf
    y = softmax(np.moveaxis(x, 1, axis), axis)[0]
    y = np.moveaxis(y, axis, 1)
    assert np.isnan(y[:2]).all() and y[2].tolist() == [0, *[1 / (n - 1)] * (n - 1)]


@each_pair
def test_odd_shapes(forward, backward):
    y, kept = forward(np.array(3.0), 0)
    assert y.shape == () and y == (forward is softmax) and backward(np.array(2.0), kept, 0) == 0
    y, kept = forward(np.zeros((2, 0)), 1)
    assert y.shape == backward(y, kept, 1).shape == (2, 0)
    x = draws()(40, 6)
    close(forward(x.T, 1)[0], forward(x.T.copy(), 1)[0])


@each_pair
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_the_precision_is_the_inputs(forward, backward, dtype):
    x = draws()(4, 60).astype(dtype)
    y, kept = forward(x, 1)
    dx = backward(x, kept, 1)
    assert y.dtype == dx.dtype == dtype
    close(y, forward(x.astype(float), 1)[0], 4 * float(np.finfo(dtype).eps))


@each_pair
@each_shape
def test_it_is_pytorchs(forward, backward, shape, axis, cut):
    torch = pytest.importorskip("torch")
    draw = draws()
    x, g = draw(*shape), draw(*shape)
    tensor = torch.tensor(x, requires_grad=True)
    expected = getattr(torch, forward.__name__)(tensor, axis)
    expected.backward(torch.tensor(g))
    y, kept = forward(x, axis)
    close(y, expected.detach())
    close(backward(g, kept, axis), tensor.grad)
