"""Reductions: frozen numbers, PyTorch to the second derivative, every dtype, ties, what is not a number, empty and 0-dim tensors."""

import itertools
import warnings

import numpy as np
import pytest

import chainrule
from chainrule import tensor
from tests.tensors.compare import check, normal

NAN, INF = float("nan"), float("inf")
OVER = [(), (0,), (-1,), ((0, 2),)]
KEEP = [{}, {"keepdim": True}]


def test_frozen():
    x = tensor([[1.0, 2.0], [3.0, 5.0]])
    assert x.sum().item() == 11.0 and x.sum(0).tolist() == [4.0, 7.0] and x.sum(1, keepdim=True).tolist() == [[3.0], [8.0]]
    assert x.mean(1).tolist() == [1.5, 4.0] and x.prod().item() == 30.0 and x.prod(0).tolist() == [3.0, 10.0]
    assert x.var(0).tolist() == [2.0, 4.5] and x.var(0, unbiased=False).tolist() == [1.0, 2.25]
    assert x.amax(0).tolist() == [3.0, 5.0] and x.argmax().item() == 3 and x.argmin(1).tolist() == [0, 0]
    assert x.cumsum(1).tolist() == [[1.0, 3.0], [3.0, 8.0]] and x.cumprod(0).tolist() == [[1.0, 2.0], [3.0, 10.0]]
    assert tensor([3.0, 4.0]).norm().item() == 5.0 and tensor([3.0, -4.0]).norm(1).item() == 7.0
    assert tensor([1, 2]).sum().dtype is chainrule.int64 and tensor([True, True]).sum().item() == 2
    assert x.sum((0, 1)).item() == 11.0 and x.sum(()).item() == 11.0


def test_frozen_gradients_at_ties():
    """max() and amax share a gradient among equal entries; max(dim) gives it to the one it names."""
    for function, expected in [
        (lambda x: x.max(), [0.0, 0.5, 0.5]), (lambda x: x.amax(0), [0.0, 0.5, 0.5]), (lambda x: x.max(0).values, [0.0, 1.0, 0.0]),
        (lambda x: x.norm(INF), [0.0, 0.5, 0.5]), (lambda x: x.prod(), [9.0, 3.0, 3.0]),
    ]:  # fmt: skip
        x = tensor([1.0, 3.0, 3.0], requires_grad=True)
        function(x).backward()
        assert x.grad.tolist() == expected
    x = tensor([0.0, 0.0], requires_grad=True)
    x.norm().backward()  # no direction is steepest at the origin: 0, not NaN
    assert x.grad.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("name", ["sum", "mean", "var", "std", "amax", "amin", "nansum", "nanmean", "logsumexp"])
@pytest.mark.parametrize(("args", "how"), [(a, k) for a in OVER for k in KEEP if a or not k])
def test_over_axes(name, args, how):
    args = args or (((0, 1, 2),) if name == "logsumexp" else ())
    check(lambda t, x: getattr(t, name)(x, *args, **how), [normal(3, 4, 5)], names=name != "nanmean")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_sums_of_exponentials_of_infinite_entries():
    torch = pytest.importorskip("torch")
    rows, found = [[INF, 1.0, 2.0], [-INF, -INF, -INF], [-INF, 1.0, 2.0], [NAN, 1.0, 2.0]], []
    for t in (torch, chainrule):
        x = t.tensor(rows, requires_grad=True)
        x.logsumexp(1).sum().backward()
        found.append(x.grad.numpy())
    np.testing.assert_allclose(found[1], found[0], rtol=1e-6)


NORMS = [2, 1, 3, 0.5, 0, INF, -INF, "fro"]


@pytest.mark.parametrize("p", NORMS)
@pytest.mark.parametrize("dims", [(), (1,), ((0, 2),)])
def test_norms(p, dims):
    check(lambda t, x: t.norm(x, p, *dims), [normal(3, 4, 5)])


FUNCTIONS = {
    "prod": lambda t, x: x.prod(),
    "prod along": lambda t, x: x.prod(1),
    "prod kept": lambda t, x: x.prod(-1, keepdim=True),
    "cumsum": lambda t, x: x.cumsum(1),
    "cumprod": lambda t, x: x.cumprod(-1),
    "logcumsumexp": lambda t, x: x.logcumsumexp(0),
    "var biased": lambda t, x: x.var(unbiased=False),
    "var with a correction": lambda t, x: x.var(1, correction=2),
    "var of all, positional": lambda t, x: x.var(False),
    "std of all": lambda t, x: t.std(x, 0, False, True),
    "mean by axis": lambda t, x: x.mean(axis=1),
    "sum with keepdims": lambda t, x: t.sum(x, axis=(1, 2), keepdims=True),
}
UNNAMED = {
    "dist": lambda t, x: t.dist(x, x * x, 3),
    "var_mean": lambda t, x: t.var_mean(x, 1),
    "std_mean": lambda t, x: t.std_mean(x, (0, 2), keepdim=True),
    "diff": lambda t, x: x.diff(2, 0),
    "diff with ends": lambda t, x: t.diff(x, dim=1, prepend=x[:, :1] * 2, append=x[:, :2]),
    "trapezoid": lambda t, x: t.trapezoid(x, dx=0.5, dim=1),
    "trapezoid at points": lambda t, x: t.trapezoid(x, t.linspace(0, 1, 5, dtype=t.float64) ** 2),
}


@pytest.mark.parametrize("name", [*FUNCTIONS, *UNNAMED])
def test_functions(name):
    check({**FUNCTIONS, **UNNAMED}[name], [normal(3, 4, 5)], names=name in FUNCTIONS)


TIES = np.array([[0.0, 2.0, 0.0, -1.0], [1.0, 1.0, 1.0, 1.0], [-2.0, 0.0, 3.0, 3.0]])


@pytest.mark.parametrize(
    "function",
    [
        lambda t, x: x.prod(), lambda t, x: x.prod(1), lambda t, x: x.cumprod(1), lambda t, x: x.cumprod(0), lambda t, x: x.max(),
        lambda t, x: x.min(), lambda t, x: x.amax(1), lambda t, x: x.amin((0, 1)), lambda t, x: x.max(1), lambda t, x: x.min(0),
        lambda t, x: x.norm(1), lambda t, x: x.norm(2, 1), lambda t, x: x.norm(INF), lambda t, x: x.norm(3), lambda t, x: x.std(1)[0],
    ],
)  # fmt: skip
def test_ties_and_zeros_like_torch(function):
    """First derivatives; where several entries are equal the second is a matter of convention."""
    torch = pytest.importorskip("torch")

    def run(lib):
        x = lib.tensor(TIES, requires_grad=True)
        found = function(lib, x)
        found = list(found) if isinstance(found, tuple) else [found]
        (found[0] * lib.linspace(1, 2, found[0].numel(), dtype=lib.float64).reshape(found[0].shape)).sum().backward()
        return [y.detach().numpy() for y in found] + [x.grad.numpy()]

    for a, b in zip(run(chainrule), run(torch), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


REDUCTIONS = [
    ("sum", ()), ("sum", (1,)), ("mean", ()), ("prod", ()), ("prod", (0,)), ("max", ()), ("max", (0,)), ("min", (1,)), ("argmax", ()),
    ("argmin", (1,)), ("all", ()), ("any", (1,)), ("all", (0,)), ("var", ()), ("std", (0,)), ("amax", (1,)), ("amin", ()), ("norm", ()),
    ("logsumexp", (0,)), ("cumsum", (0,)), ("cumprod", (1,)), ("nansum", ()), ("nanmean", (0,)), ("count_nonzero", ()),
    ("count_nonzero", (1,)), ("aminmax", ()), ("logcumsumexp", (0,)),
]  # fmt: skip
ENTRIES = {
    **{kind: np.random.default_rng(0).integers(0, 5, (3, 4)).astype(kind)
       for kind in ("int64", "int32", "uint8", "int8", "bool", "float64", "float32", "float16")},
    "a number": np.array(2.5, np.float32),
    "a whole number": np.array(3),
    "nothing": np.zeros((0, 3), np.float32),
    "no columns": np.zeros((2, 0), np.float32),
    "not numbers": np.array([[1.0, NAN, 2.0], [NAN, NAN, NAN], [0.0, 3.0, INF]], np.float32),
    "infinite": np.array([[INF, 1.0], [-INF, INF], [-INF, -INF]], np.float32),
}  # fmt: skip


def outcome(lib, entries, name, args):
    """Values with their dtypes, or the class of the error."""
    x = lib.tensor(entries)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = getattr(lib, name)(x, *args)
        except (RuntimeError, IndexError, NotImplementedError, ValueError) as error:
            return type(error)
    found = tuple(found) if isinstance(found, tuple) else (found,)
    return [(str(y.dtype), tuple(y.shape), y.double().numpy()) for y in found]


@pytest.mark.parametrize("kind", ENTRIES)
@pytest.mark.parametrize(("name", "args"), REDUCTIONS, ids=lambda p: str(p))
def test_every_kind_of_entries_like_torch(kind, name, args):
    torch = pytest.importorskip("torch")
    ours, theirs = (outcome(lib, ENTRIES[kind], name, args) for lib in (chainrule, torch))
    if isinstance(theirs, type):
        assert isinstance(ours, type) and issubclass(ours, theirs), f"{ours}, where PyTorch raises {theirs.__name__}"
        return
    assert not isinstance(ours, type), f"{ours.__name__}, where PyTorch gives {theirs}"
    for (kind_a, shape_a, a), (kind_b, shape_b, b) in zip(ours, theirs, strict=True):
        assert (kind_a, shape_a) == (kind_b, shape_b)
        np.testing.assert_allclose(a, b, rtol=2e-3 if kind == "float16" else 1e-6)


def test_dtype_and_out():
    x = tensor([1.5, 2.5])
    assert x.sum(dtype=chainrule.float64).dtype is chainrule.float64
    assert tensor([1, 2]).mean(dtype=chainrule.float32).item() == 1.5
    assert tensor([1.0, 2.0]).cumsum(0, dtype=chainrule.int64).dtype is chainrule.int64
    assert tensor([250, 10], dtype=chainrule.uint8).sum(dtype=chainrule.uint8).item() == 4
    out = chainrule.empty(())
    assert chainrule.sum(x, out=out) is out and out.item() == 4.0


def test_gradients_reach_the_dtype_they_came_from():
    x = tensor([1.5, 2.5], requires_grad=True)
    x.sum(dtype=chainrule.float64).backward()
    assert x.grad.dtype is chainrule.float32 and x.grad.tolist() == [1.0, 1.0]


BAD = {
    "an axis that is not there": (lambda t, x: x.sum(2), "Dimension out of range (expected to be in range of [-2, 1], but got 2)"),
    "an axis twice": (lambda t, x: x.sum((0, -2)), "dim 0 appears multiple times in the list of dims"),
    "the mean of integers": (lambda t, x: x.long().mean(),
        "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: Long"),
    "the variance of integers": (lambda t, x: x.long().var(), "std and var only support floating point and complex dtypes"),
    "max of nothing": (lambda t, x: t.ones(0).max(),
        "max(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the "
        "'dim' argument."),
    "amax of nothing": (lambda t, x: t.ones(0, 3).amax(0), "amax(): Expected reduction dim 0 to have non-zero size."),
    "argmax of nothing": (lambda t, x: t.ones(0).argmax(), "argmax(): Expected reduction dim to be specified for input.numel() == 0"),
    "the norm of integers": (lambda t, x: x.long().norm(),
        "linalg.vector_norm: Expected a floating point or complex tensor as input. Got Long"),
    "cumsum along nothing": (lambda t, x: x.cumsum(5), "Dimension out of range (expected to be in range of [-2, 1], but got 5)"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name):
    call, words = BAD[name]
    with pytest.raises((RuntimeError, IndexError)) as error:
        call(chainrule, chainrule.ones(2, 3))
    assert str(error.value).startswith(words)


@pytest.mark.parametrize("name", BAD)
def test_bad_input_like_torch(name):
    torch = pytest.importorskip("torch")
    call, words = BAD[name]
    with pytest.raises((RuntimeError, IndexError)) as theirs:
        call(torch, torch.ones(2, 3))
    assert str(theirs.value).startswith(words), "the words that are asserted here are PyTorch's"
    with pytest.raises(theirs.type):
        call(chainrule, chainrule.ones(2, 3))


def test_too_few_entries_for_a_variance_are_warned_about():
    with np.errstate(invalid="ignore"), pytest.warns(UserWarning, match="var\\(\\): degrees of freedom is <= 0"):
        assert chainrule.isnan(tensor([1.0]).var())


def test_the_gradient_of_a_sum_takes_no_memory():
    """It is one number seen from many places."""
    x = chainrule.ones(100_000, requires_grad=True)
    y = x * 2
    strides = []
    y.register_hook(lambda g: strides.append(g.stride()))
    y.sum().backward()
    assert strides == [(0,)]


@pytest.mark.parametrize(("keepdim", "dims"), [*itertools.product([False, True], [None, 0, (0, 1)])])
def test_a_tensor_of_one_entry(keepdim, dims):
    x = tensor([[3.0]], requires_grad=True)
    y = x.sum(dims, keepdim)
    y.backward(chainrule.ones_like(y))
    assert y.numel() == 1 and x.grad.tolist() == [[1.0]]
