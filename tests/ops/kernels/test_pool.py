"""Pooling against loops written out, and against PyTorch."""

from itertools import product

import numpy as np
import pytest

from chainrule.ops.kernels import pool
from chainrule.ops.kernels.lines import adaptive_bounds, pooling_lines
from tests.ops.kernels.checking import assert_gradients, close, draws

# size, kernel, stride, padding, dilation, ceil_mode
CASES = [
    ((8,), (2,), (2,), (0,), (1,), False),
    ((7,), (3,), (1,), (1,), (2,), False),
    ((6, 8), (2, 2), (2, 2), (0, 0), (1, 1), False),
    ((5, 7), (2, 2), (2, 2), (0, 0), (1, 1), True),
    ((7, 7), (3, 3), (2, 2), (1, 1), (1, 1), False),
    ((7, 6), (3, 2), (1, 3), (1, 0), (2, 1), True),
    ((5, 5), (1, 3), (1, 2), (0, 1), (1, 1), True),
    ((4, 5, 6), (2, 3, 2), (2, 1, 3), (1, 0, 1), (1, 2, 1), True),
]


def windows_by_hand(size, kernel, stride, padding, dilation, ceil):
    """For each place, the entries in its window, in reading order."""
    lines = pooling_lines(size, kernel, stride, padding, dilation, ceil)
    for place in product(*(range(line.out) for line in lines)):
        along = [
            [j for t in range(line.kernel) if 0 <= (j := line.stride * i + line.dilation * t - line.padding) < line.size]
            for i, line in zip(place, lines, strict=True)
        ]
        yield place, list(product(*along))


def with_ties(size, seed=0):
    """Whole numbers from −3 to 3, so that windows have several largest entries."""
    return np.random.default_rng(seed).integers(-3, 4, (2, 3, *size)).astype(float)


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("nan", [False, True])
def test_the_first_largest_entry_of_each_window_is_found(case, nan, cut):
    x = with_ties(case[0])
    if nan:
        x[np.random.default_rng(1).random(x.shape) < 0.2] = np.nan
    y, kept = pool.max_pool(x, *case[1:])
    index = pool.max_indices(kept)
    for place, entries in windows_by_hand(*case):
        for plane in product(*map(range, x.shape[:2])):
            values = [x[(*plane, *e)] for e in entries]
            missing = [k for k, v in enumerate(values) if np.isnan(v)]
            winner = entries[missing[-1] if missing else int(np.argmax(values))]
            np.testing.assert_equal(y[(*plane, *place)], x[(*plane, *winner)])
            assert index[(*plane, *place)] == np.ravel_multi_index(winner, case[0])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_gradient_goes_to_the_winner_alone(case, cut):
    x = with_ties(case[0])
    y, kept = pool.max_pool(x, *case[1:])
    g = draws(1)(*y.shape)
    expected = np.zeros((6, x[0, 0].size))
    np.add.at(expected, (np.arange(6)[:, None], pool.max_indices(kept).reshape(6, -1)), g.reshape(6, -1))
    dx = pool.max_pool_backward(g, kept)
    close(dx, expected.reshape(x.shape))
    assert not np.signbit(dx[dx == 0]).any(), "−0 would be printed as such"


def test_an_infinite_gradient_stays_where_it_belongs():
    _, kept = pool.max_pool(np.array([[[1.0, 2.0]]]), 2)
    assert pool.max_pool_backward(np.array([[[np.inf]]]), kept).tolist() == [[[0.0, np.inf]]]


@pytest.mark.parametrize("dtype", ["float16", "float32", "int64", "uint8"])
def test_every_kind_of_number_can_be_compared(dtype):
    x = np.array([[[1, 7, 3, 3, 0]]], dtype)
    y, kept = pool.max_pool(x, 3, 2, 1)
    assert y.dtype == dtype and y.tolist() == [[[7, 7, 3]]] and pool.max_indices(kept).tolist() == [[[1, 1, 3]]]


def test_a_window_of_minus_infinity_names_its_first_entry():
    _, kept = pool.max_pool(np.full((1, 1, 3, 3), -np.inf), 3, 1, 1)
    assert pool.max_indices(kept)[0, 0].tolist() == [[0, 0, 1], [0, 0, 1], [3, 3, 4]]


@pytest.mark.parametrize("case", [c for c in CASES if set(c[4]) == {1}], ids=str)
@pytest.mark.parametrize(("padding_too", "divisor"), [(True, None), (False, None), (True, 5)])
def test_averages(case, padding_too, divisor, cut):
    size, kernel, stride, padding, _, ceil = case
    x = draws()(2, 3, *size)
    y, kept = pool.avg_pool(x, kernel, stride, padding, ceil, padding_too, divisor)
    lines = pooling_lines(size, kernel, stride, padding, (1,) * len(size), ceil)
    for place, entries in windows_by_hand(*case):
        total = sum(x[(slice(None), slice(None), *e)] for e in entries)
        starts = [i * line.stride - line.padding for i, line in zip(place, lines, strict=True)]
        sizes = [min(s + line.kernel, line.size + line.padding) - s for s, line in zip(starts, lines, strict=True)]
        count = divisor or (np.prod(sizes) if padding_too else len(entries))
        close(y[(slice(None), slice(None), *place)], total / count)
    g = draws(1)(*y.shape)
    dx = pool.avg_pool_backward(g, kept)
    assert_gradients(lambda x: (pool.avg_pool(x, *case[1:4], ceil, padding_too, divisor)[0] * g).sum(), [x], [dx], step=1e-3)


ADAPTIVE = [((7,), (3,)), ((3,), (7,)), ((6, 8), (3, 2)), ((7, 5), (1, 1)), ((9, 30), (9, 11)), ((4, 5, 6), (2, 3, 4))]


@pytest.mark.parametrize(("size", "out"), ADAPTIVE)
@pytest.mark.parametrize("infinite", [False, True])
def test_adaptive_averages(size, out, infinite):
    x = draws()(2, 3, *size)
    if infinite:
        x.flat[0] = np.inf
    y, kept = pool.adaptive_avg_pool(x, out)
    bounds = [adaptive_bounds(n, m) for n, m in zip(size, out, strict=True)]
    for place in product(*map(range, out)):
        window = tuple(slice(*bounds[axis][i]) for axis, i in enumerate(place))
        close(y[(..., *place)], x[(..., *window)].mean(tuple(range(2, x.ndim))))
    if not infinite:
        g = draws(1)(*y.shape)
        dx = pool.adaptive_avg_pool_backward(g, kept)
        assert_gradients(lambda x: (pool.adaptive_avg_pool(x, out)[0] * g).sum(), [x], [dx], step=1e-3)
        g.flat[0] = np.inf
        dx = pool.adaptive_avg_pool_backward(g, kept)
        assert np.isposinf(dx).sum() == (~np.isfinite(dx)).sum() == np.prod([b[0][1] - b[0][0] for b in bounds])


@pytest.mark.parametrize(("size", "out"), ADAPTIVE)
@pytest.mark.parametrize("nan", [False, True])
def test_adaptive_maxima(size, out, nan):
    x = with_ties(size)
    if nan:
        x[np.random.default_rng(1).random(x.shape) < 0.1] = np.nan
    y, kept = pool.adaptive_max_pool(x, out)
    index = pool.max_indices(kept)
    bounds = [adaptive_bounds(n, m) for n, m in zip(size, out, strict=True)]
    for place in product(*map(range, out)):
        window = tuple(slice(*bounds[axis][i]) for axis, i in enumerate(place))
        np.testing.assert_equal(y[(..., *place)], x[(..., *window)].max(tuple(range(2, x.ndim))))
    flat = x.reshape(6, -1)
    np.testing.assert_equal(np.take_along_axis(flat, index.reshape(6, -1), 1).reshape(y.shape), y)
    g = draws(1)(*y.shape)
    expected = np.zeros_like(flat)
    np.add.at(expected, (np.arange(6)[:, None], index.reshape(6, -1)), g.reshape(6, -1))
    close(pool.adaptive_max_pool_backward(g, kept), expected.reshape(x.shape))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kernel": 9}, "Output size is too small"),
        ({"kernel": 3, "padding": 2}, "pad should be at most half of effective kernel size, but got pad=2, kernel_size=3"),
        ({"kernel": 3, "padding": -1}, "pad must be non-negative"),
        ({"kernel": 0}, "kernel_size must be greater than zero"),
        ({"kernel": 2, "stride": 0}, "stride should not be zero"),
    ],
)
def test_impossible_windows_are_refused(options, words):
    for function in (pool.max_pool, pool.avg_pool):
        with pytest.raises(RuntimeError, match=words):
            function(np.ones((1, 1, 5, 5)), **options)


def test_other_impossible_pooling_is_refused():
    x = np.ones((1, 1, 5, 5))
    with pytest.raises(RuntimeError, match="divisor must be not zero"):
        pool.avg_pool(x, 2, divisor_override=0)
    with pytest.raises(RuntimeError, match="dilation should be greater than zero"):
        pool.max_pool(x, 2, dilation=0)
    with pytest.raises(RuntimeError, match="elements of output_size must be greater than or equal to 0"):
        pool.adaptive_avg_pool(x, (-1, 2))
    with pytest.raises(RuntimeError, match="Expected input to have non-zero size for non-batch dimensions"):
        pool.adaptive_max_pool(x[..., :0], 2)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_pooling_is_pytorchs(case, cut):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    size, kernel, stride, padding, dilation, ceil = case
    x = with_ties(size)
    tensor = torch.tensor(x, requires_grad=True)
    expected, index = getattr(functional, f"max_pool{len(size)}d")(tensor, *case[1:], return_indices=True)
    y, kept = pool.max_pool(x, *case[1:])
    close(y, expected.detach())
    np.testing.assert_array_equal(pool.max_indices(kept), index)
    g = draws(1)(*y.shape)
    expected.backward(torch.tensor(g))
    close(pool.max_pool_backward(g, kept), tensor.grad)
    for padding_too in (True, False):
        tensor = torch.tensor(x, requires_grad=True)
        expected = getattr(functional, f"avg_pool{len(size)}d")(tensor, kernel, stride, padding, ceil, padding_too)
        y, kept = pool.avg_pool(x, kernel, stride, padding, ceil, padding_too)
        close(y, expected.detach())
        g = draws(1)(*y.shape)
        expected.backward(torch.tensor(g))
        close(pool.avg_pool_backward(g, kept), tensor.grad)


@pytest.mark.parametrize(("size", "out"), ADAPTIVE)
def test_adaptive_pooling_is_pytorchs(size, out):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    x = with_ties(size)
    x[np.random.default_rng(1).random(x.shape) < 0.1] = np.nan
    expected, index = getattr(functional, f"adaptive_max_pool{len(size)}d")(torch.tensor(x), out, return_indices=True)
    y, kept = pool.adaptive_max_pool(x, out)
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(pool.max_indices(kept), index)
    x = draws()(*x.shape)
    expected = getattr(functional, f"adaptive_avg_pool{len(size)}d")(torch.tensor(x), out)
    close(pool.adaptive_avg_pool(x, out)[0], expected)
