"""Products with the Jacobian and the Hessian, and these themselves: by formula where one is known, otherwise as in PyTorch."""

import numpy as np
import pytest

import chainrule
from chainrule import tensor
from chainrule.autograd import functional

A = np.random.default_rng(0).normal(size=(3, 3))
X, Y = np.random.default_rng(1).normal(size=(2, 3))


def at(*arrays, lib=chainrule):
    return tuple(lib.tensor(a) for a in arrays)


def flat(nested):
    """All arrays in nested tuples, and the shape of the nest."""
    if isinstance(nested, tuple):
        return [a for part in nested for a in flat(part)]
    assert not nested.requires_grad
    return [nested.detach().numpy()]


def shape_of(nested):
    return tuple(shape_of(part) for part in nested) if isinstance(nested, tuple) else tuple(nested.shape)


def test_a_linear_map_is_its_own_jacobian():
    (a, x) = at(A, X)
    np.testing.assert_allclose(functional.jacobian(lambda x: a @ x, x).numpy(), A)
    np.testing.assert_allclose(functional.vjp(lambda x: a @ x, x, tensor(Y))[1].numpy(), A.T @ Y)
    np.testing.assert_allclose(functional.jvp(lambda x: a @ x, x, tensor(Y))[1].numpy(), A @ Y)


def test_the_hessian_of_a_quadratic_form():
    a, x, v = at(A, X, Y)

    def form(x):
        return x @ a @ x

    np.testing.assert_allclose(functional.hessian(form, x).numpy(), A + A.T, rtol=1e-12)
    for product in (functional.hvp, functional.vhp):
        value, found = product(form, x, v)
        np.testing.assert_allclose(value.item(), X @ A @ X)
        np.testing.assert_allclose(found.numpy(), (A + A.T) @ Y, rtol=1e-12)


ONE_INPUT = {
    "elementwise": lambda lib, x: x**3,
    "to a number": lambda lib, x: (x.exp() * x).sum(),
    "to a matrix": lambda lib, x: x.reshape(3, 1) * x.sin(),
    "two outputs": lambda lib, x: (x**2, x.sum()),
    "one of two outputs independent": lambda lib, x: (x**2, lib.ones(2, dtype=lib.float64)),
    "linear": lambda lib, x: 2 * x,
}
TWO_INPUTS = {
    "product": lambda lib, x, y: x * y**2,
    "two outputs": lambda lib, x, y: (x.sum() * y, x - y),
    "one input unused": lambda lib, x, y: x**2,
}
CASES = [(f, (X,)) for f in ONE_INPUT.values()] + [(f, (X, Y)) for f in TWO_INPUTS.values()]
IDS = [*ONE_INPUT, *(f"{name} of two" for name in TWO_INPUTS)]


def of(lib, function, arrays):
    inputs = at(*arrays, lib=lib)
    return lambda *xs: function(lib, *xs), inputs if len(inputs) > 1 else inputs[0]


def same(ours, theirs):
    assert shape_of(ours) == shape_of(theirs)
    for a, b in zip(flat(ours), flat(theirs), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("function", "arrays"), CASES, ids=IDS)
def test_jacobian_like_torch(function, arrays):
    torch = pytest.importorskip("torch")
    ours, theirs = (lib.autograd.functional.jacobian(*of(lib, function, arrays)) for lib in (chainrule, torch))
    same(ours, theirs)
    forward = functional.jacobian(*of(chainrule, function, arrays), strategy="forward-mode", vectorize=True)
    same(forward, theirs)


@pytest.mark.parametrize(("function", "arrays"), CASES, ids=IDS)
@pytest.mark.parametrize("product", ["vjp", "jvp"])
def test_products_like_torch(product, function, arrays):
    torch = pytest.importorskip("torch")

    def run(lib):
        f, inputs = of(lib, function, arrays)
        like = f(*inputs) if isinstance(inputs, tuple) else f(inputs)
        like = inputs if product == "jvp" else like
        rng = np.random.default_rng(2)
        made = [lib.tensor(rng.normal(size=tuple(t.shape))) for t in (like if isinstance(like, tuple) else (like,))]
        return getattr(lib.autograd.functional, product)(f, inputs, tuple(made) if isinstance(like, tuple) else made[0])

    same(run(chainrule), run(torch))


SCALARS = {
    "cubes": (lambda lib, x: (x**3).sum(), (X,)),
    "linear": (lambda lib, x: (2 * x).sum(), (X,)),
    "one entry in one dimension": (lambda lib, x: (x**3).sum().reshape(1), (X,)),
    "of two": (lambda lib, x, y: (x**2 * y).sum(), (X, Y)),
    "of two, one linear": (lambda lib, x, y: (x * y).sum(), (X, Y)),
    "of two, one unused": (lambda lib, x, y: (x**3).sum(), (X, Y)),
}


@pytest.mark.parametrize("name", SCALARS)
def test_second_derivatives_like_torch(name):
    torch = pytest.importorskip("torch")
    function, arrays = SCALARS[name]

    def run(lib):
        f, inputs = of(lib, function, arrays)
        v = tuple(lib.ones_like(x) * 2 for x in inputs) if isinstance(inputs, tuple) else lib.ones_like(inputs) * 2
        functions = lib.autograd.functional
        return functions.hessian(f, inputs), functions.hvp(f, inputs, v), functions.vhp(f, inputs, v)

    for a, b in zip(run(chainrule), run(torch), strict=True):
        same(a, b)


def test_create_graph_makes_the_results_differentiable():
    x = tensor(X, requires_grad=True)
    jacobian = functional.jacobian(lambda x: x**3, x, create_graph=True)
    (d,) = chainrule.autograd.grad(jacobian.sum(), x)
    np.testing.assert_allclose(d.numpy(), 6 * X)
    hessian = functional.hessian(lambda x: (x**4).sum(), x, create_graph=True)
    (d,) = chainrule.autograd.grad(hessian.sum(), x)
    np.testing.assert_allclose(d.numpy(), 24 * X)
    y, product = functional.jvp(lambda x: x**3, x, tensor(Y), create_graph=True)
    assert y.requires_grad
    (d,) = chainrule.autograd.grad(product.sum(), x)
    np.testing.assert_allclose(d.numpy(), 6 * X * Y)
    _, product = functional.vjp(lambda x: x**3, x, tensor(Y), create_graph=True)
    (d,) = chainrule.autograd.grad(product.sum(), x)
    np.testing.assert_allclose(d.numpy(), 6 * X * Y)


def test_inputs_keep_their_history_out_of_it():
    x = tensor(X, requires_grad=True)
    functional.jacobian(lambda x: x**3, x)
    functional.hessian(lambda x: (x**3).sum(), x)
    assert x.grad is None


def test_they_work_under_no_grad():
    with chainrule.no_grad():
        assert functional.jacobian(lambda x: x**2, tensor(3.0)).item() == 6.0
        assert functional.hessian(lambda x: x**3, tensor(3.0)).item() == 18.0


def test_the_direction_of_a_single_number_may_be_left_out():
    assert functional.vjp(lambda x: x**2, tensor(3.0))[1].item() == 6.0
    assert functional.jvp(lambda x: x**2, tensor(3.0))[1].item() == 6.0
    assert functional.hvp(lambda x: x**3, tensor(3.0))[1].item() == 18.0


BAD = {
    "no v for several outputs": lambda f, x: f.vjp(lambda x: x**2, x),
    "no v for several inputs": lambda f, x: f.jvp(lambda x: x**2, x),
    "v of another shape": lambda f, x: f.vjp(lambda x: x**2, x, x[:2]),
    "too many v": lambda f, x: f.vjp(lambda x: x**2, x, (x, x)),
    "an input that is no tensor": lambda f, x: f.jacobian(lambda x: x**2, (x, 2.0)),
    "an output that is no tensor": lambda f, x: f.jacobian(lambda x: 2.0, x),
    "a hessian of several numbers": lambda f, x: f.hessian(lambda x: x**2, x),
    "a hessian of two tensors": lambda f, x: f.hessian(lambda x: (x.sum(), x.sum()), x),
    "an unknown strategy": lambda f, x: f.jacobian(lambda x: x, x, strategy="sideways"),
    "strict: independent output": lambda f, x: f.jacobian(lambda x: x.detach(), x, strict=True),
    "strict: vjp of an independent output": lambda f, x: f.vjp(lambda x: x.detach(), x, x, strict=True),
    "strict: linear function": lambda f, x: f.hessian(lambda x: x.sum(), x, strict=True),
    "strict: unused input": lambda f, x: f.jacobian(lambda x, y: x * 2, (x, x), strict=True),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_calls_like_torch(name):
    torch = pytest.importorskip("torch")
    with pytest.raises(Exception) as theirs:  # noqa: B017  (whatever class PyTorch raises)
        BAD[name](torch.autograd.functional, torch.tensor(X))
    with pytest.raises(theirs.type):
        BAD[name](functional, tensor(X))


def test_texts():
    with pytest.raises(RuntimeError, match="v has invalid size: should be torch.Size\\(\\[3\\]\\) but got torch.Size\\(\\[2\\]\\)"):
        functional.vjp(lambda x: x**2, tensor(X), tensor(X[:2]))
    with pytest.raises(RuntimeError, match="The vector v can only be None if the user-provided function returns a single Tensor"):
        functional.vjp(lambda x: x**2, tensor(X))
    with pytest.raises(TypeError, match="The outputs of the user-provided function given to jacobian must be .*Tensor"):
        functional.jacobian(lambda x: 2.0, tensor(X))
    with pytest.raises(RuntimeError, match="contain a single element"):
        functional.hessian(lambda x: x**2, tensor(X))
