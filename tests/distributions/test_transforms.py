"""Maps, their inverses and determinants."""

import numpy as np
import pytest

import chainrule as cr

D = cr.distributions


def transforms(D, tensor):
    """name → (transform, arguments)"""
    x = tensor([-1.5, 0.3, 2.0])
    positive = tensor([0.3, 1.0, 2.5])
    return {
        "exp": (D.ExpTransform(), x),
        "power": (D.PowerTransform(tensor(2.5)), positive),
        "sigmoid": (D.SigmoidTransform(), x),
        "softplus": (D.SoftplusTransform(), x),
        "tanh": (D.TanhTransform(), x),
        "affine": (D.AffineTransform(1.0, -2.0), x),
        "affine of vectors": (D.AffineTransform(tensor([1.0, 2.0, 3.0]), tensor([0.5, 1.0, 2.0]), event_dim=1), x),
        "stick": (D.StickBreakingTransform(), x),
        "reshape": (D.ReshapeTransform((3,), (3, 1)), x),
        "compose": (D.ComposeTransform([D.AffineTransform(0.0, 2.0), D.ExpTransform()]), x),
        "independent": (D.IndependentTransform(D.ExpTransform(), 1), x),
        "inverse": (D.ExpTransform().inv, positive),
        "softmax": (D.SoftmaxTransform(), x),
        "abs": (D.AbsTransform(), positive),
        "cholesky": (D.LowerCholeskyTransform(), tensor([[0.5, 1.0], [2.0, -1.0]])),
    }


NAMES = list(transforms(D, cr.tensor))


def about(library, name):
    transform, x = transforms(library.distributions, lambda v: library.tensor(v, dtype=library.float64))[name]
    y = transform(x)
    try:
        determinant = transform.log_abs_det_jacobian(x, y).tolist()
    except NotImplementedError:
        determinant = None
    return y.tolist(), transform.inv(y).tolist(), determinant, repr(transform), transform.bijective, repr(transform.codomain)


@pytest.mark.parametrize("name", NAMES)
def test_transforms(name):
    torch = pytest.importorskip("torch")
    ours, theirs = about(cr, name), about(torch, name)
    for a, b in zip(ours[:3], theirs[:3]):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    assert ours[3:] == theirs[3:]


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("softmax", "abs", "cholesky", "stick", "reshape")])
def test_determinants_are_those_of_the_jacobian(name):
    transform, x = transforms(D, lambda v: cr.tensor(v, dtype=cr.float64))[name]
    jacobian = cr.autograd.functional.jacobian(lambda x: transform(x), x)
    expected = cr.linalg.slogdet(jacobian)[1].item()
    assert transform.log_abs_det_jacobian(x, transform(x)).sum().item() == pytest.approx(expected)


def test_equality():
    assert D.ExpTransform() == D.ExpTransform()
    assert D.ExpTransform() != D.SigmoidTransform()
    assert D.AffineTransform(0.0, 1.0) == D.AffineTransform(0.0, 1.0)
    assert D.AffineTransform(0.0, 1.0) != D.AffineTransform(0.0, 2.0)
    assert D.ExpTransform().inv.inv == D.ExpTransform()
    assert D.ComposeTransform([D.ExpTransform()]) == D.ComposeTransform([D.ExpTransform()])


def test_the_last_value_is_remembered():
    transform = D.TanhTransform(cache_size=1)
    x = cr.tensor([20.0])
    y = transform(x)
    assert transform.inv(y) is x  # where tanh is 1, its inverse alone would give ∞
    assert D.TanhTransform().inv(y).item() == float("inf")
    with pytest.raises(ValueError, match="cache_size must be 0 or 1"):
        D.ExpTransform(cache_size=2)


def test_gradients_flow_through_transformed_samples():
    loc = cr.tensor(0.5, requires_grad=True)
    log_normal = D.TransformedDistribution(D.Normal(loc, 1.0), [D.ExpTransform()])
    cr.manual_seed(0)
    x = log_normal.rsample()
    x.backward()
    assert loc.grad.item() == pytest.approx(x.item())


def test_constraints_say_which_values_are_inside():
    c = D.constraints
    for constraint, inside, outside in (
        (c.real, 1.0, float("nan")), (c.positive, 0.1, 0.0), (c.nonnegative, 0.0, -0.1), (c.unit_interval, 1.0, 1.1),
        (c.boolean, 1.0, 0.5), (c.nonnegative_integer, 3.0, 3.5), (c.positive_integer, 1.0, 0.0), (c.less_than(2), 1.0, 2.0),
        (c.half_open_interval(0, 1), 0.0, 1.0), (c.integer_interval(0, 3), 3.0, 4.0), (c.greater_than_eq(2), 2.0, 1.0),
    ):  # fmt: skip
        assert constraint.check(cr.tensor([inside, outside])).tolist() == [True, False], constraint
    eye = cr.eye(2)
    assert c.positive_definite.check(eye).item() and not c.positive_definite.check(-eye).item()
    assert c.lower_cholesky.check(eye).item() and not c.lower_cholesky.check(eye + eye.flip(0)).item()
    assert c.symmetric.check(eye).item() and not c.square.check(cr.ones(2, 3)).item()
    assert c.simplex.check(cr.tensor([0.5, 0.5])).item() and not c.simplex.check(cr.tensor([0.5, 0.6])).item()
    assert c.real_vector.check(cr.ones(2, 3)).tolist() == [True, True]
    assert c.multinomial(3).check(cr.tensor([[1.0, 2.0], [3.0, 1.0]])).tolist() == [True, False]
    with pytest.raises(ValueError, match="Cannot determine validity of dependent constraint"):
        c.dependent.check(eye)
