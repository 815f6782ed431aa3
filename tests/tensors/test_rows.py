"""Jacobians whose rows are found together: what they have to leave alone, and the array that stands for the rows."""

import numpy as np
import pytest

import chainrule
from chainrule.graph import backward as engine
from chainrule.ops.rows import passes
from chainrule.ops.rows.array import Rows, Unreadable
from chainrule.tensors import derivatives

jacobian = chainrule.autograd.functional.jacobian
W = np.random.default_rng(0).standard_normal((5, 4))


@pytest.fixture
def counted(monkeypatch):
    """How many passes went through the graph."""
    found = []

    def walk(roots, *others):
        found.append(roots)
        return original(roots, *others)

    original = engine.walk
    monkeypatch.setattr(engine, "walk", walk)
    return found


def net(x):
    h = (chainrule.tensor(W) @ x).tanh()
    return h * h.sum() + x[0]


def point():
    return chainrule.tensor([0.5, -1.0, 2.0, 0.25], dtype=chainrule.float64)


def apart(function, *xs):
    """The Jacobian, a pass for each row."""
    xs = tuple(x.detach().requires_grad_() for x in xs)
    return [d.numpy() for d in derivatives.rows_apart(function(*xs), xs, False, False, "")]


def test_one_pass_for_all_rows(counted):
    found = jacobian(net, point())
    assert len(counted) == 1
    np.testing.assert_allclose(found.numpy(), apart(net, point())[0], rtol=1e-13)


def test_a_hessian_takes_two(counted):
    found = chainrule.func.hessian(lambda x: (net(x) ** 2).sum())(point())
    assert len(counted) == 2
    np.testing.assert_allclose(found.numpy(), found.numpy().T, rtol=1e-12)


def test_no_more_than_the_memory_allows(counted, monkeypatch):
    monkeypatch.setattr(passes, "MEMORY", W.nbytes * 2)  # the largest array on the way is W
    found = jacobian(net, point())
    assert [len(roots[0][1].whole) for roots in counted] == [2, 2, 1]
    np.testing.assert_allclose(found.numpy(), apart(net, point())[0], rtol=1e-13)


def test_no_more_than_asked_for(counted):
    chainrule.func.jacrev(net, chunk_size=3)(point())
    assert [len(roots[0][1].whole) for roots in counted] == [3, 2]
    counted.clear()
    chainrule.func.jacrev(net, chunk_size=1)(point())
    assert len(counted) == 5


def test_several_inputs_and_outputs(counted):
    def function(x, y, z):
        return (x * y.sum(), (x[:2] + y) ** 2, y + 0, x.new_ones(2))

    xs = point(), chainrule.tensor([1.0, 2.0], dtype=chainrule.float64), chainrule.ones(3)
    table = jacobian(function, xs)
    assert len(counted) == 3
    for i, row in enumerate(table[:3]):
        for found, expected in zip(row, apart(lambda *xs, i=i: function(*xs)[i], *xs)):
            assert found.dtype == (chainrule.float32 if found.shape[-1] == 3 else chainrule.float64)
            np.testing.assert_array_equal(found.numpy(), expected)
    assert not any(d.any() for d in table[3])


def test_results_own_their_entries():
    x, y = jacobian(lambda x, y: x + y, (point(), point()))
    x[0, 0] = 7
    assert y[0, 0] == 1


@pytest.mark.parametrize("kind", ["hook", "retain_grad", "hook of a node"])
def test_hooks_are_shown_one_gradient_at_a_time(kind):
    shown = []

    def function(x):
        h = x * 2
        if kind == "hook":
            h.register_hook(lambda g: shown.append(g) or g * 3)
        elif kind == "retain_grad":
            h.retain_grad()
            shown.append(h)
        else:
            h.grad_fn.register_hook(lambda found, g: shown.append(g[0]))
        return h * h

    x = chainrule.tensor([1.0, 2.0])
    found = jacobian(function, x)
    assert found.tolist() == [[24.0, 0.0], [0.0, 48.0]] if kind == "hook" else [[8.0, 0.0], [0.0, 16.0]]
    if kind == "retain_grad":
        assert shown[0].grad.tolist() == [4.0, 8.0]
    else:
        assert [g.tolist() for g in shown] == [[4.0, 0.0], [0.0, 8.0]]


def test_a_function_of_the_programs_own_is_given_one_gradient_at_a_time():
    shapes = []

    class Cube(chainrule.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            shapes.append(tuple(g.shape))
            (x,) = ctx.saved_tensors
            return g * 3 * x * x

    assert jacobian(lambda x: Cube.apply(x).cumsum(0), chainrule.tensor([1.0, 2.0])).tolist() == [[3, 0], [3, 12]]
    assert shapes == [(2,), (2,)]


def test_errors_of_rules_are_raised():
    class Wrong(chainrule.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, g):
            raise ValueError("no gradient today")

    with pytest.raises(ValueError, match="no gradient today"):
        jacobian(lambda x: Wrong.apply(x) * 2, point())


def test_overwritten_values_are_noticed():
    def function(x):
        h = x.exp()
        y = h * 2
        h.zero_()
        return y

    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        jacobian(function, point())


def test_anomaly_detection_looks_at_each_row():
    with pytest.warns(UserWarning), chainrule.autograd.detect_anomaly(), pytest.raises(RuntimeError, match="nan values"):
        jacobian(lambda x: x * float("nan"), point())


def test_packed_values_are_unpacked():
    with chainrule.autograd.graph.saved_tensors_hooks(lambda x: x.detach().numpy(), chainrule.tensor):
        found = jacobian(net, point())
    np.testing.assert_allclose(found.numpy(), apart(net, point())[0], rtol=1e-13)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "complex128"])
def test_other_dtypes(dtype):
    x = point().to(getattr(chainrule, dtype))

    def function(x):
        return (x * x.exp())[1:] * x.sum() / 3

    found = jacobian(function, x)
    assert found.dtype == x.dtype
    expected = derivatives.rows_apart(function(x.requires_grad_()), (x,), False, False, "")[0]
    np.testing.assert_allclose(found.tolist(), expected.tolist(), rtol=1e-6)


def test_gradients_in_a_batch(counted):
    x, w, unused = point().requires_grad_(), chainrule.tensor(W).requires_grad_(), chainrule.ones(2).requires_grad_()
    y, z = w @ x, x * x
    rng = np.random.default_rng(1)
    gs = [chainrule.tensor(rng.standard_normal((3, n))) for n in (5, 4)]
    found = chainrule.autograd.grad((y, z), (x, w, unused), gs, is_grads_batched=True, materialize_grads=True)
    assert len(counted) == 1
    for i in range(3):
        each = chainrule.autograd.grad((y, z), (x, w), [g[i] for g in gs], retain_graph=True)
        for a, b in zip(found, each):
            np.testing.assert_allclose(a[i].numpy(), b.numpy(), rtol=1e-13)
    assert found[2].shape == (3, 2) and not found[2].any()
    with pytest.raises(RuntimeError, match="index 1 appears to not have been used"):
        chainrule.autograd.grad(y, (x, unused), gs[0], is_grads_batched=True)
    with pytest.raises(RuntimeError, match="Mismatch in shape"):
        chainrule.autograd.grad(y, x, gs[1], is_grads_batched=True)


# ---------------------------------------------------------------------- the array itself


def test_rows_are_no_array_for_numpy():
    g = Rows(np.ones((2, 3)))
    for use in (
        lambda: np.asarray(g), lambda: np.exp(g), lambda: np.where(g, 1, 0), lambda: np.concatenate([g, g]),
        lambda: bool(g), lambda: float(g), lambda: g == 1, lambda: g[[0, 1]], lambda: g[np.array([True, False, True])],
        lambda: np.ones((2, 3)).dot(g), lambda: np.zeros(3).__setitem__(slice(None), g),
    ):  # fmt: skip
        with pytest.raises(TypeError):
            use()
    with pytest.raises(Unreadable):
        g @ 2.0


@pytest.mark.parametrize("shape, other", [((), (2,)), ((3,), (2, 3)), ((2, 3), (3,)), ((2, 1), (4, 1, 3)), ((2, 3), ())])
def test_what_meets_rows_broadcasts_behind_them(shape, other):
    rng = np.random.default_rng(0)
    whole, x = rng.standard_normal((5, *shape)), rng.standard_normal(other) + 3
    g = Rows(whole)
    for use in (lambda g: g * x, lambda g: x * g, lambda g: g + x, lambda g: x - g, lambda g: g / x, lambda g: g - g.sum()):
        np.testing.assert_allclose(use(g).whole, np.stack([use(np.asarray(row)) for row in whole]))


@pytest.mark.parametrize("shape", [(3,), (2, 3), (1, 3), (3, 1), (4, 2, 3), (4, 3, 1)])
@pytest.mark.parametrize("other", [(3,), (3, 2), (2, 3), (3, 1), (1, 3), (4, 3, 5), (4, 2, 3)])
def test_products_of_matrices(shape, other):
    rng = np.random.default_rng(0)
    whole, x = rng.standard_normal((5, *shape)), rng.standard_normal(other)
    for use in (lambda g: g @ x, lambda g: x @ g):
        try:
            expected = np.stack([use(row) for row in whole])
        except ValueError:
            continue
        try:
            found = use(Rows(whole)).whole
        except Unreadable:
            assert min(len(shape), len(other)) == 1 and max(len(shape), len(other)) == 3
        else:
            np.testing.assert_allclose(found, expected)


def test_axes_are_those_that_are_seen():
    whole = np.arange(120.0).reshape(5, 2, 3, 4)
    g = Rows(whole)
    for use in (
        lambda g: g.sum((0, -1)), lambda g: g.sum(1, keepdims=True), lambda g: g.sum(), lambda g: g.reshape(6, -1),
        lambda g: g.reshape((3, 8)), lambda g: g.transpose(2, 0, 1), lambda g: g.swapaxes(0, -1), lambda g: g.T,
        lambda g: g.mT, lambda g: g[1], lambda g: g[..., 0], lambda g: g[:, None, 1:], lambda g: -g, lambda g: g.real,
    ):  # fmt: skip
        np.testing.assert_array_equal(use(g).whole, np.stack([use(row) for row in whole]))
    assert (g.shape, g.ndim, g.size, len(g), g.dtype) == ((2, 3, 4), 3, 24, 2, np.float64)
    with pytest.raises(IndexError):
        g.swapaxes(0, 3)
