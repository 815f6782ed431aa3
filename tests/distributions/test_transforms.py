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
        "cat": (D.CatTransform([D.ExpTransform(), D.identity_transform], lengths=[1, 2]), x),
        "cat of vectors": (D.CatTransform([D.StickBreakingTransform(), D.StickBreakingTransform()], dim=0), tensor([[0.5, 1.0], [2.0, -1.0]])),
        "stack": (D.StackTransform([D.ExpTransform(), D.SigmoidTransform()], dim=1), tensor([[0.5, 1.0], [2.0, -1.0]])),
        "correlations": (D.CorrCholeskyTransform(), x),
        "positive definite": (D.PositiveDefiniteTransform(), tensor([[0.5, 0.0], [2.0, -1.0]])),
        "cdf": (D.CumulativeDistributionTransform(D.Normal(tensor(0.0), 1.0)), x),
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


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("softmax", "abs", "cholesky", "stick", "reshape", "correlations", "positive definite", "cat of vectors", "stack")])
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


def sets(c):
    return [
        c.real, c.positive, c.nonnegative, c.less_than(2.0), c.interval(-1, 3), c.unit_interval, c.half_open_interval(0, 2),
        c.simplex, c.corr_cholesky, c.lower_cholesky, c.positive_definite, c.positive_semidefinite, c.real_vector,
        c.greater_than(1.0), c.cat([c.real, c.positive], 0, [1, 2]), c.stack([c.real, c.positive, c.real], 0), c.boolean,
        c.independent(c.positive, 1), c.one_hot, c.lower_triangular,
    ]  # fmt: skip


def test_maps_onto_sets():
    """The same maps as PyTorch's, and what they give is in the set."""
    torch = pytest.importorskip("torch")
    for ours, theirs in zip(sets(D.constraints), sets(torch.distributions.constraints), strict=True):
        assert repr(ours) == repr(theirs) and ours.event_dim == theirs.event_dim and ours.is_discrete == theirs.is_discrete
        for name in ("biject_to", "transform_to"):
            found = []
            for lib, constraint in ((cr, ours), (torch, theirs)):
                x = lib.linspace(-2, 2, 3, dtype=lib.float64)
                x = lib.outer(x, x + 0.5) if constraint.event_dim == 2 and "Corr" not in repr(constraint) else x
                try:
                    transform = getattr(lib.distributions, name)(constraint)
                except NotImplementedError as error:
                    found.append(str(error).splitlines()[0].replace(" _", " "))
                    continue
                y = transform(x)
                assert constraint.check(y).all()
                found += [repr(transform), y.tolist()]
            half = len(found) // 2
            assert found[: half - 1] == found[half:-1]
            if half == 1:
                assert found[0].replace("PositiveSemidefinite", "") == found[1].replace("PositiveSemidefinite", "")
            else:
                np.testing.assert_allclose(found[1], found[3], rtol=1e-12, atol=1e-14)


def test_a_map_of_ones_own():
    class Even(D.constraints.Constraint):
        pass

    @D.biject_to.register(Even)
    def doubled(constraint):
        return D.AffineTransform(0.0, 2.0)

    assert D.biject_to(Even()) == D.AffineTransform(0.0, 2.0)
    with pytest.raises(NotImplementedError, match="Cannot transform Even constraints"):
        D.transform_to(Even())
    with pytest.raises(TypeError, match="Expected constraint to be either a Constraint subclass or instance, but got <class 'int'>"):
        D.biject_to.register(int, doubled)


def test_shapes_of_correlations():
    transform = D.CorrCholeskyTransform()
    assert transform.forward_shape((2, 3)) == (2, 3, 3) and transform.inverse_shape((2, 3, 3)) == (2, 3)
    with pytest.raises(ValueError, match="Input is not a flattened lower-diagonal number"):
        transform.forward_shape((4,))
    with pytest.raises(ValueError, match="Input is not square"):
        transform.inverse_shape((3, 2))
    with pytest.raises(ValueError, match="The size of last dimension is 2 which cannot be expressed"):
        transform(cr.ones(2))


def test_parts_that_do_not_fit():
    exp, x = D.ExpTransform(), cr.ones(3)
    for make, said in (
        (lambda: D.CatTransform([exp], lengths=[2])(x), "x.size\\(0\\) = 3 must equal length 2"),
        (lambda: D.CatTransform([exp], lengths=[2, 3]), "lengths \\(2\\) must match transforms \\(1\\)"),
        (lambda: D.CatTransform([3]), "All elements of tseq must be Transform instances"),
        (lambda: D.CatTransform([exp], dim=3)(x), "dim 3 out of range for tensor with 1 dimensions"),
        (lambda: D.StackTransform([exp])(x), "x.size\\(0\\) = 3 must equal len\\(transforms\\) 1"),
        (lambda: D.constraints.cat([D.constraints.real], 0, [1, 2]), "lengths \\(2\\) must match cseq \\(1\\)"),
        (lambda: D.constraints.stack([3]), "All elements of cseq must be Constraint instances"),
    ):
        with pytest.raises(AssertionError, match=said):
            make()


def test_correlations_are_drawn_and_moved_through_a_copula():
    factor = D.LKJCholesky(2).sample()
    assert D.constraints.corr_cholesky.check(factor)
    normal = D.MultivariateNormal(cr.zeros(2), scale_tril=factor)
    uniform = D.TransformedDistribution(normal, [D.CumulativeDistributionTransform(D.Normal(0.0, 1.0))])
    assert ((uniform.sample((50,)) - 0.5).abs() < 0.5).all()


def test_wishart_samples_are_positive_definite():
    d = D.Wishart(cr.tensor(3.0), cr.eye(3))
    assert D.constraints.positive_definite.check(d.sample((20,))).all()  # and nothing warns
    with pytest.warns(UserWarning, match="Low df values detected"):
        D.Wishart(cr.tensor(1.5), cr.eye(2))
