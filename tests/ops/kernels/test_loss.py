"""Cross-entropy against its formula, its gradients against finite differences, and both against PyTorch."""

import numpy as np
import pytest

from chainrule.ops.kernels.loss import cross_entropy, cross_entropy_backward
from tests.ops.kernels.checking import assert_gradients, close, draws

SHAPES = [(5,), (1, 3), (6, 5), (6, 50), (3, 4, 5), (2, 40, 3), (2, 3, 2, 2)]
OPTIONS = [("mean", False, 0.0), ("mean", True, 0.1), ("sum", True, 0.0), ("none", False, 1.0), ("none", True, 0.1)]

each_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)
each_option = pytest.mark.parametrize(("reduction", "weighted", "smoothing"), OPTIONS)


def problem(shape, weighted, ignored=()):
    """Logits, class numbers of which some are to be ignored (−100), and weights."""
    rng = np.random.default_rng(len(shape))
    x = 3 * rng.standard_normal(shape)
    axis = min(len(shape) - 1, 1)
    classes = shape[axis]
    target = rng.integers(0, classes, shape[:axis] + shape[axis + 1 :])
    if target.size > 1:
        target.flat[list(ignored)] = -100
    return x, target, rng.random(classes) if weighted else None


def by_formula(x, target, weight, reduction, smoothing, probable=False):
    axis = min(x.ndim - 1, 1)
    log_p = np.moveaxis(x - np.log(np.exp(x).sum(axis, keepdims=True)), axis, -1)
    classes = x.shape[axis]
    w = np.ones(classes) if weight is None else weight
    if probable:
        q = np.moveaxis(target, axis, -1)
        each = -(w * ((1 - smoothing) * q + smoothing / classes) * log_p).sum(-1)
        return {"none": each, "sum": each.sum(), "mean": each.mean()}[reduction]
    counted = target != -100
    t = np.where(counted, target, 0)
    at_target = np.take_along_axis(log_p, t[..., None], -1)[..., 0]
    each = -((1 - smoothing) * w[t] * at_target + smoothing / classes * (w * log_p).sum(-1)) * counted
    return {"none": each, "sum": each.sum(), "mean": each.sum() / (w[t] * counted).sum()}[reduction]


@each_shape
@each_option
def test_the_formula_and_its_gradient(shape, reduction, weighted, smoothing, cut):
    x, target, w = problem(shape, weighted, ignored=[0])
    options = {"weight": w, "reduction": reduction, "label_smoothing": smoothing}
    y, kept = cross_entropy(x, target, **options)
    close(y, by_formula(x, target, w, reduction, smoothing))
    close(cross_entropy(x, target, **options, gradient=False)[0], y)
    for seed in range(2):  # the second backward pass has to compute again what the first was handed
        g = draws(seed)(*y.shape)
        dx, _ = cross_entropy_backward(np.asarray(g), kept)
        assert_gradients(lambda x, g=g: (cross_entropy(x, target, **options)[0] * g).sum(), [x], [dx])


@each_shape
@each_option
def test_class_probabilities(shape, reduction, weighted, smoothing, cut):
    x, _, w = problem(shape, weighted)
    q = np.random.default_rng(1).random(shape)
    options = {"weight": w, "reduction": reduction, "label_smoothing": smoothing}
    y, kept = cross_entropy(x, q, **options)
    close(y, by_formula(x, q, w, reduction, smoothing, probable=True))
    g = np.asarray(draws(2)(*y.shape))
    gradients = cross_entropy_backward(g, kept, (True, True))
    assert_gradients(lambda x, q: (cross_entropy(x, q, **options)[0] * g).sum(), [x, q], gradients)


def test_the_gradient_is_handed_out_once_and_is_the_callers_own():
    x, target, _ = problem((6, 50), False)
    _, kept = cross_entropy(x, target)
    first, _ = cross_entropy_backward(np.array(1.0), kept)
    expected = first.copy()
    first.fill(7)
    close(cross_entropy_backward(np.array(1.0), kept)[0], expected)


def test_ignored_rows_get_no_gradient_whatever_they_hold():
    x, target, _ = problem((6, 50), False, ignored=[1, 4])
    x[1] = np.nan
    loss, kept = cross_entropy(x, target, reduction="sum")
    dx, _ = cross_entropy_backward(np.array(1.0), kept)
    assert not dx[[1, 4]].any() and dx[[0, 2, 3, 5]].any(1).all()


def test_the_mean_of_nothing_is_nan_and_has_no_gradient():
    loss, kept = cross_entropy(np.ones((2, 3)), np.array([-100, -100]))
    assert np.isnan(loss) and not cross_entropy_backward(np.array(1.0), kept)[0].any()


def test_large_logits_lose_no_digits():
    x, target, _ = problem((6, 50), False)
    loss, kept = cross_entropy(x + 1e6, target)
    close(loss, cross_entropy(x, target)[0], 1e-8)
    close(cross_entropy_backward(np.array(1.0), kept)[0].sum(1), np.zeros(6), 1e-8)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_the_precision_is_the_inputs(dtype):
    x, target, _ = problem((6, 50), False)
    x = x.astype(dtype)
    loss, kept = cross_entropy(x, target)
    dx, _ = cross_entropy_backward(np.ones((), dtype), kept)
    assert loss.dtype == dx.dtype == dtype
    close(loss, cross_entropy(x.astype(float), target)[0], 4 * float(np.finfo(dtype).eps))


@pytest.mark.parametrize(
    ("target", "options", "error", "words"),
    [
        ([0, 5, 1], {}, IndexError, "Target 5 is out of bounds"),
        ([0, -1, 1], {}, IndexError, "Target -1 is out of bounds"),
        ([0, 1], {}, ValueError, r"Expected input batch_size \(3\) to match target batch_size \(2\)"),
        ([[0], [1], [2]], {}, RuntimeError, "0D or 1D target tensor expected, multi-target not supported"),
        ([0.0, 1.0, 2.0], {}, RuntimeError, "expected target dtype to be Long or Byte, but got float64"),
        ([0, 1, 2], {"weight": np.ones(4)}, RuntimeError, "either for all 5 classes or no classes but got .* shape: .4."),
        ([0, 1, 2], {"label_smoothing": 2.0}, RuntimeError, "label_smoothing must be between 0.0 and 1.0. Got: 2.0"),
        ([0, 1, 2], {"reduction": "avg"}, ValueError, "avg is not a valid value for reduction"),
        (np.ones((3, 5)), {"ignore_index": 2}, RuntimeError, "ignore_index is not supported for floating point target"),
    ],
)
def test_what_does_not_fit_is_refused(target, options, error, words):
    with pytest.raises(error, match=words):
        cross_entropy(np.ones((3, 5)), np.array(target), **options)


def test_targets_of_pictures_have_the_size_of_the_picture():
    with pytest.raises(RuntimeError, match=r"Expected target size \[2, 4\], got \[2, 3\]"):
        cross_entropy(np.ones((2, 5, 4)), np.zeros((2, 3), int))


@each_shape
@each_option
@pytest.mark.parametrize("probable", [False, True])
def test_it_is_pytorchs(shape, reduction, weighted, smoothing, probable, cut):
    torch = pytest.importorskip("torch")
    x, target, w = problem(shape, weighted, ignored=[0])
    if probable:
        target = np.random.default_rng(1).random(shape)
    tensor = torch.tensor(x, requires_grad=True)
    expected = torch.nn.functional.cross_entropy(
        tensor,
        torch.tensor(target),
        None if w is None else torch.tensor(w),
        reduction=reduction,
        label_smoothing=smoothing,
    )
    y, kept = cross_entropy(x, target, w, -100, reduction, smoothing)
    close(y, expected.detach())
    g = np.asarray(draws(3)(*y.shape))
    expected.backward(torch.tensor(g))
    close(cross_entropy_backward(g, kept)[0], tensor.grad)


@pytest.mark.parametrize("classes", [16, 65, 1000])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weighted", [False, True])
def test_rows_of_scores_as_machine_code(classes, reduction, weighted):
    """Scores in float32, many of them, against the same in float64; NaN and ±∞ stay in their rows, ignored rows count for nothing."""
    x, target, w = problem((300, classes), weighted, ignored=[3, 299])
    x[5, 2], x[7, 1], x[3, 1] = np.nan, -np.inf, np.nan
    w32 = None if w is None else w.astype("f")
    y, kept = cross_entropy(x.astype("f"), target, w32, reduction=reduction)
    exact, exactly = cross_entropy(x, target, w, reduction=reduction)
    np.testing.assert_allclose(y, exact, 2e-5)
    g = np.asarray(1.0) if reduction != "none" else np.linspace(-1, 1, 300)
    dx, _ = cross_entropy_backward(g.astype("f"), kept)
    dx64, _ = cross_entropy_backward(g, exactly)
    np.testing.assert_allclose(dx, dx64, 2e-4, 1e-6)
    assert not dx[3].any() and np.isnan(dx[5]).all() and (dx[7, 1] == 0 or target[7] == 1)
