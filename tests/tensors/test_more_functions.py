"""Covariances, slopes, areas, members, regions replaced, segments, copies of views, low rank: PyTorch's; then bad input."""

import numpy as np
import pytest

import chainrule
from tests.tensors.against import same_as_pytorch
from tests.tensors.compare import check, normal

PLACES = np.array([0.0, 0.5, 2.0, 3.0])
FUNCTIONS = {
    "cov": (lambda t, x: t.cov(x), [normal(3, 5)]),
    "cov of one variable": (lambda t, x: x.cov(correction=0), [normal(5)]),
    "cov with frequencies": (lambda t, x: t.cov(x, fweights=t.tensor([1, 2, 0, 3])), [normal(2, 4)]),
    "cov with weights": (lambda t, x, w: t.cov(x, fweights=t.tensor([1, 2, 1, 3]), aweights=w * w), [normal(2, 4), normal(4)]),
    "corrcoef": (lambda t, x: t.corrcoef(x), [normal(3, 5)]),
    "cumulative_trapezoid": (lambda t, y: t.cumulative_trapezoid(y, dx=0.5, dim=0), [normal(4, 2)]),
    "cumulative_trapezoid at places": (lambda t, y, x: t.cumulative_trapezoid(y, x), [normal(2, 4), PLACES]),
    "trapz": (lambda t, y, x: t.trapz(y, x), [normal(2, 4), PLACES]),
    "gradient": (lambda t, y: t.gradient(y), [normal(3, 4)]),
    "gradient of order 2": (lambda t, y: t.gradient(y, spacing=[0.5, 2.0], edge_order=2), [normal(3, 4)]),
    "gradient at places": (lambda t, y: t.gradient(y, spacing=(t.tensor(PLACES),), dim=1), [normal(3, 4)]),
    "gradient at places of order 2": (lambda t, y: t.gradient(y, spacing=(t.tensor(PLACES),), dim=-1, edge_order=2), [normal(3, 4)]),
    "gradient of two samples": (lambda t, y: t.gradient(y, spacing=2.0), [normal(2)]),
    "select_scatter": (lambda t, x, s: t.select_scatter(x, s, 1, 2), [normal(2, 3), normal(2)]),
    "slice_scatter": (lambda t, x, s: x.slice_scatter(s, 1, 0, 4, 2), [normal(2, 4), normal(2, 2)]),
    "diagonal_scatter": (lambda t, x, s: t.diagonal_scatter(x, s, 1), [normal(3, 4), normal(3)]),
    "index_reduce prod": (lambda t, x, s: x.index_reduce(0, t.tensor([1, 1, 0]), s, "prod"), [normal(2, 3), normal(3, 3)]),
    "index_reduce mean": (lambda t, x, s: t.index_reduce(x, 1, t.tensor([2, 2]), s, "mean", include_self=False), [normal(2, 3), normal(2, 2)]),
    "index_reduce amax": (lambda t, x, s: x.index_reduce(0, t.tensor([1, 1, 0]), s, "amax"), [normal(2, 3), normal(3, 3)]),
    "renorm": (lambda t, x: t.renorm(x, 2, 0, 1.5), [normal(4, 3)]),
    "renorm in place": (lambda t, x: (x * 1).renorm_(1, 1, 2.0), [normal(4, 3)]),
    "norm_except_dim": (lambda t, x: t.norm_except_dim(x, 2, 1), [normal(2, 3, 4)]),
    "sum_to_size": (lambda t, x: x.sum_to_size(3, 1), [normal(2, 3, 4)]),
    "narrow_copy": (lambda t, x: x.narrow_copy(1, 0, 2), [normal(2, 3)]),
    "slice_copy": (lambda t, x: t.slice_copy(x, 1, 0, 2), [normal(2, 3)]),
    "unbind_copy": (lambda t, x: t.unbind_copy(x, 1), [normal(2, 3)]),
    "split_copy": (lambda t, x: t.split_copy(x, 2, 1), [normal(2, 3)]),
    "t_copy": (lambda t, x: t.t_copy(x), [normal(2, 3)]),
    "expand_copy": (lambda t, x: t.expand_copy(x, (4, 3)), [normal(3)]),
    "unfold_copy": (lambda t, x: t.unfold_copy(x, 0, 2, 1), [normal(4)]),
    "permute_copy": (lambda t, x: t.permute_copy(x, (1, 0)), [normal(2, 3)]),
    "unsafe_chunk": (lambda t, x: t.unsafe_chunk(x, 2), [normal(4, 3)]),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:index_reduce")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_like_pytorch(name):
    program, arrays = FUNCTIONS[name]
    named = name.partition(" ")[0].endswith("_scatter") or name.startswith(("index", "slice_copy", "t_copy"))
    check(program, arrays, names=named)


def test_as_strided_scatter():
    """Its value is PyTorch's; so is the gradient of what is put in. Of what is replaced, PyTorch's gradient is not 0."""
    x, s = (chainrule.tensor(normal(*shape), requires_grad=True) for shape in ((2, 3), (2, 2)))
    y = chainrule.as_strided_scatter(x, s, (2, 2), (3, 1), 1)
    assert y.tolist() == [[x[0, 0].item(), *s[0].tolist()], [x[1, 0].item(), *s[1].tolist()]]
    (y * chainrule.arange(6.0, dtype=chainrule.float64).reshape(2, 3)).sum().backward()
    assert x.grad.tolist() == [[0, 0, 0], [3, 0, 0]] and s.grad.tolist() == [[1, 2], [4, 5]]


@pytest.mark.parametrize("reduce", ["sum", "mean", "max", "min", "prod"])
def test_segment_reduce(reduce):
    check(
        lambda t, x: t.segment_reduce(x, reduce, lengths=t.tensor([2, 1, 3])), [normal(6, 2)], names=False, second=False
    )


PRINTED = [
    "torch.cov(torch.arange(4))", "torch.cov(torch.tensor([1., 2]))", "torch.corrcoef(torch.tensor([1., 2]))",
    "torch.cumulative_trapezoid(torch.arange(4))", "torch.gradient(torch.arange(4))", "torch.isin(torch.arange(4), torch.tensor([1, 3]))",
    "torch.isin(torch.arange(4), 1, invert=True)", "torch.isin(1, torch.arange(4))", "torch.unravel_index(torch.tensor([5, -1, 9]), (2, 3))",
    "torch.unravel_index(torch.tensor(5), 6)", "torch.histogramdd(torch.tensor([[0., 1], [1, 0], [2, 0], [2, 2]]), bins=[2, 2])",
    "torch.histogramdd(torch.tensor([[0., 1], [1, 0]]), bins=2, range=[0., 2., 0., 2.], density=True)",
    "torch.histogramdd(torch.tensor([[0., 1], [1, 0]]), [torch.tensor([0., 1, 2]), torch.tensor([0., 1])], weight=torch.tensor([1., 2]))",
    "torch.segment_reduce(torch.arange(6.), 'max', lengths=torch.tensor([2, 0, 4]))",
    "torch.segment_reduce(torch.arange(6.), 'min', lengths=torch.tensor([2, 0, 4]), initial=-1.)",
    "torch.segment_reduce(torch.arange(6.), 'sum', offsets=torch.tensor([0, 2, 6]))",
    "torch.nonzero_static(torch.tensor([[1, 0], [2, 3]]), size=2)", "torch.nonzero_static(torch.tensor([1, 0]), size=3, fill_value=7)",
    "x = torch.ones(2, 3); x.sum_to_size(2, 3) is x", "torch.renorm(torch.tensor([[3., 4], [0.3, 0.4]]), 2, 0, 1.)",
    "x = torch.ones(2); y = torch.alias_copy(x); x[0] = 5; y", "torch.lobpcg(torch.diag(torch.arange(1., 7)), k=2)[0].round()",
    "torch.lobpcg(torch.diag(torch.arange(1., 7)), k=1, largest=False)[0].round()",
    "torch.lobpcg(torch.diag(torch.arange(1., 7)), k=2, B=torch.eye(6) / 2)[0].round()",
]  # fmt: skip


@pytest.mark.parametrize("expression", PRINTED)
def test_prints_as_pytorch(expression):
    same_as_pytorch(expression)


@pytest.mark.parametrize("shape", [(7, 4), (4, 7)])
@pytest.mark.parametrize("name", ["svd_lowrank", "pca_lowrank"])
def test_low_rank_like_pytorch(name, shape):
    """The same random numbers are drawn, so the approximations are the same."""
    torch = pytest.importorskip("torch")
    x = normal(*shape)
    found = []
    for t in (chainrule, torch):
        t.manual_seed(0)
        u, s, v = getattr(t, name)(t.tensor(x), q=3)
        found.append([f.numpy() for f in (s, u @ t.diag(s) @ v.mT)])
    for ours, theirs in zip(*found):
        np.testing.assert_allclose(ours, theirs, atol=1e-10)


def test_the_vectors_of_lobpcg_solve_the_problem():
    a, b = normal(6, 6), normal(6, 6, seed=1)
    a, b = a + a.T, b @ b.T + np.eye(6)
    values, x = (f.numpy() for f in chainrule.lobpcg(chainrule.tensor(a), k=2, B=chainrule.tensor(b)))
    np.testing.assert_allclose(a @ x, b @ x * values, atol=1e-10)


BAD = [
    "torch.cov(torch.ones(2, 2, 2))", "torch.cov(torch.tensor([True]))", "torch.cov(torch.ones(2, 3), fweights=torch.tensor([1., 2, 3]))",
    "torch.cov(torch.ones(2, 3), fweights=torch.tensor([1, 2]))", "torch.cov(torch.ones(2, 3), fweights=torch.tensor([-1, 2, 3]))",
    "torch.cov(torch.ones(2, 3), aweights=torch.tensor([1, 2, 3]))", "torch.corrcoef(torch.ones(2, 2, 2))",
    "torch.cumulative_trapezoid(torch.ones(3), torch.tensor([0., 1]))", "torch.gradient(torch.ones(2), edge_order=2)",
    "torch.gradient(torch.ones(3), edge_order=3)", "torch.gradient(torch.ones(2, 2), spacing=[1.], dim=(0, 1))",
    "torch.gradient(torch.ones(2, 2), dim=(0, 0))", "torch.isin(1, 2)", "torch.unravel_index(torch.tensor([1.]), (2, 3))",
    "torch.renorm(torch.ones(2, 2), -1, 0, 3.)", "torch.renorm(torch.ones(2, 2), 2, 0, -3.)", "torch.renorm(torch.ones(2), 2, 0, 1.)",
    "torch.histogramdd(torch.tensor([0.]), 2)", "torch.segment_reduce(torch.arange(6.), 'sum', lengths=torch.tensor([2, 3]))",
    "torch.segment_reduce(torch.arange(6.), 'x', lengths=torch.tensor([2, 4]))", "torch.segment_reduce(torch.arange(6.), 'sum')",
    "torch.ones(2, 3).index_reduce(0, torch.tensor([0]), torch.ones(1, 3), 'sum')", "torch.select_scatter(torch.ones(2, 3), torch.ones(2), 0, 1)",
    "torch.ones(2, 3).index_reduce(0, torch.tensor([0]), torch.ones(2, 3), 'amax')", "torch.ones(2, 3).sum_to_size(2, 2)",
    "torch.lobpcg(torch.eye(3), k=2)",
]  # fmt: skip


@pytest.mark.parametrize("expression", BAD)
def test_bad_input(expression):
    same_as_pytorch(expression)


def test_too_few_observations():
    with np.errstate(all="ignore"), pytest.warns(UserWarning, match=r"cov\(\): degrees of freedom is <= 0"):
        assert chainrule.cov(chainrule.tensor([1.0])).isnan()


def test_errors_say_why():
    with pytest.raises(RuntimeError, match="src size = \\[2\\], slice size = \\[3\\]\n  why: what is put in"):
        chainrule.select_scatter(chainrule.ones(2, 3), chainrule.ones(2), 0, 1)
    with pytest.raises(RuntimeError, match="edge_order\\+1\n  why: dimension 0 has 2 entries, edge_order is 2"):
        chainrule.gradient(chainrule.ones(2), edge_order=2)
