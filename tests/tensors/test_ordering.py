"""Sorting and searching: frozen results, PyTorch to the second derivative, ties and what is not a number, bad input."""

import warnings

import numpy as np
import pytest

import chainrule
from chainrule import tensor
from tests.tensors.compare import check, normal

NAN = float("nan")


def test_frozen():
    x = tensor([[3.0, 1.0, 2.0], [2.0, 9.0, 4.0]])
    values, places = x.max(1)
    assert values.tolist() == [3.0, 9.0] and places.tolist() == [0, 1]
    assert x.min(0).indices.tolist() == [1, 0, 0] and x.max().item() == 9.0
    assert x.sort(1).values.tolist() == [[1.0, 2.0, 3.0], [2.0, 4.0, 9.0]] and x.argsort(1, True).tolist() == [[0, 2, 1], [1, 2, 0]]
    assert x.topk(2).values.tolist() == [[3.0, 2.0], [9.0, 4.0]] and x.topk(1, 0, largest=False).indices.tolist() == [[1, 0, 0]]
    assert x.median().item() == 2.0 and x.median(1).values.tolist() == [2.0, 4.0] and x.kthvalue(2).indices.tolist() == [2, 2]
    assert tensor([1.0, 2.0, 2.0, 3.0]).mode() == (tensor(2.0), tensor(2))
    assert tensor([3, 1, 3]).unique().tolist() == [1, 3] and tensor([0, 1, 1, 3]).bincount().tolist() == [1, 2, 0, 1]
    assert tensor([1.0, 3.0, 2.0]).cummax(0).indices.tolist() == [0, 1, 1]


def test_what_is_returned_is_named_and_prints_as_in_pytorch():
    found = tensor([[1.0, 9.0], [4.0, 2.0]]).max(dim=1)
    assert found.values is found[0] and found.indices is found[1]
    assert repr(found) == "torch.return_types.max(\nvalues=tensor([9., 4.]),\nindices=tensor([1, 0]))"


ALONG = [(), (0,), (1,), (-1, True)]


@pytest.mark.parametrize("name", ["max", "min", "median", "nanmedian", "sort", "mode", "argsort", "argmax", "argmin"])
@pytest.mark.parametrize("args", ALONG)
def test_along_axes(name, args):
    check(lambda t, x: getattr(t, name)(x, *args), [normal(3, 4, 5)])


FUNCTIONS = {
    "msort": lambda t, x: x.msort(),
    "topk": lambda t, x: x.topk(2),
    "topk smallest": lambda t, x: x.topk(3, 1, largest=False),
    "topk of all": lambda t, x: t.topk(x, 5),
    "topk of none": lambda t, x: t.topk(x, 0),
    "kthvalue": lambda t, x: x.kthvalue(2),
    "kthvalue kept": lambda t, x: t.kthvalue(x, 3, 1, True),
    "cummax": lambda t, x: x.cummax(1),
    "cummin": lambda t, x: x.cummin(0),
    "aminmax": lambda t, x: list(x.aminmax()),
    "aminmax along": lambda t, x: list(t.aminmax(x, dim=1, keepdim=True)),
    "sort descending": lambda t, x: x.sort(1, descending=True),
    "sort stable": lambda t, x: t.sort(x, dim=0, stable=True),
    "max of two": lambda t, x: t.max(x, x * x),
    "max by axis": lambda t, x: x.max(axis=1).values,
}
UNNAMED = {
    "quantile": lambda t, x: x.quantile(0.3),
    "quantile along": lambda t, x: x.quantile(0.3, 1),
    "quantile kept": lambda t, x: t.quantile(x, 0.9, dim=0, keepdim=True),
    "quantiles": lambda t, x: x.quantile(t.tensor([0.1, 0.5, 1.0], dtype=t.float64), 1),
    "nanquantile": lambda t, x: x.nanquantile(0.4, -1),
    **{f"quantile {how}": lambda t, x, how=how: x.quantile(0.37, 1, interpolation=how)
       for how in ("linear", "lower", "higher", "nearest", "midpoint")},
}  # fmt: skip


@pytest.mark.parametrize("name", [*FUNCTIONS, *UNNAMED])
def test_functions(name):
    check({**FUNCTIONS, **UNNAMED}[name], [normal(3, 4, 5)], names=name in FUNCTIONS and not name.startswith("aminmax"))


def test_a_long_row_is_searched_without_sorting_it():
    """topk of a few among many takes another path: the same entries, the same places, the same gradient."""
    x = chainrule.tensor(normal(4, 3000), requires_grad=True)
    values, places = x.topk(7)
    expected = np.argsort(-x.detach().numpy(), 1, kind="stable")[:, :7]
    assert places.tolist() == expected.tolist()
    assert x.topk(7, largest=False).indices.tolist() == np.argsort(x.detach().numpy(), 1, kind="stable")[:, :7].tolist()
    values.sum().backward()
    assert x.grad.sum().item() == 28 and (x.grad.gather(1, places) == 1).all()


CALLS = [
    ("max", ()), ("max", (0,)), ("min", (1,)), ("median", ()), ("median", (1,)), ("nanmedian", (0,)), ("sort", ()), ("sort", (0, True)),
    ("argsort", (1,)), ("topk", (2,)), ("topk", (1, 0, False)), ("kthvalue", (1,)), ("mode", ()), ("cummax", (0,)), ("cummin", (1,)),
    ("unique", ()), ("aminmax", ()), ("quantile", (0.5,)), ("quantile", (0.25, 0)), ("nanquantile", (0.5, 0)), ("msort", ()),
]  # fmt: skip
RNG = np.random.default_rng(0)
ENTRIES = {
    **{kind: RNG.permutation(12).reshape(3, 4).astype(kind) for kind in ("int64", "int32", "uint8", "int8",
        "float64", "float32", "float16")},
    "bool": RNG.integers(0, 2, (3, 4)).astype(bool),
    "a number": np.array(2.5, np.float32),
    "nothing": np.zeros((0, 3), np.float32),
    "not numbers": np.array([[1.0, NAN, 2.0], [4.0, 0.5, NAN], [0.0, 3.0, 5.0]], np.float32),
    "ties": np.array([[2.0, 1.0, 2.0], [0.0, 0.0, 1.0], [1.0, 1.0, 1.0]], np.float32),
}  # fmt: skip
UNSPECIFIED = {("ties", "topk"), ("ties", "kthvalue"), ("bool", "argsort"), ("bool", "sort"), ("bool", "kthvalue"), ("ties", "mode"),
               ("bool", "mode"), ("ties", "argsort"), ("ties", "sort"), ("ties", "median"), ("ties", "nanmedian")}  # fmt: skip


def outcome(lib, entries, name, args):
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
@pytest.mark.parametrize(("name", "args"), CALLS, ids=lambda p: str(p))
def test_every_kind_of_entries_like_torch(kind, name, args):
    """Values and dtypes; places too, except where PyTorch leaves open which of several equal entries is meant."""
    torch = pytest.importorskip("torch")
    ours, theirs = (outcome(lib, ENTRIES[kind], name, args) for lib in (chainrule, torch))
    if isinstance(theirs, type):
        assert isinstance(ours, type) and issubclass(ours, theirs), f"{ours}, where PyTorch raises {theirs.__name__}"
        return
    assert not isinstance(ours, type), f"{ours.__name__}, where PyTorch gives {theirs}"
    for place, ((kind_a, shape_a, a), (kind_b, shape_b, b)) in enumerate(zip(ours, theirs, strict=True)):
        assert (kind_a, shape_a) == (kind_b, shape_b)
        if not ((kind, name) in UNSPECIFIED and (place == 1 or name == "argsort")):
            np.testing.assert_allclose(a, b, rtol=1e-6)


@pytest.mark.parametrize("descending", [False, True])
def test_a_stable_sort_keeps_equal_entries_in_order(descending):
    torch = pytest.importorskip("torch")
    data = np.random.default_rng(0).integers(0, 3, (5, 40)).astype(np.float32)
    data[0, ::7] = NAN
    ours, theirs = (lib.sort(lib.tensor(data), dim=1, descending=descending, stable=True).indices for lib in (chainrule, torch))
    assert ours.tolist() == theirs.tolist()


COUNTING = {
    "unique with everything": lambda t: t.unique(t.tensor([3, 1, 3, 2]), return_inverse=True, return_counts=True),
    "unique rows": lambda t: t.unique(t.tensor([[1, 2], [0, 1], [1, 2]]), dim=0, return_inverse=True),
    "unique_consecutive": lambda t: t.unique_consecutive(t.tensor([1, 1, 2, 2, 1]), return_inverse=True, return_counts=True),
    "unique_consecutive rows": lambda t: t.unique_consecutive(t.tensor([[1, 2], [1, 2], [0, 1]]), dim=0),
    "bincount": lambda t: t.bincount(t.tensor([0, 1, 1, 3]), minlength=6),
    "bincount of weights": lambda t: t.bincount(t.tensor([0, 1, 1]), t.tensor([0.5, 1.0, 2.0])),
    "bincount of double weights": lambda t: t.bincount(t.tensor([0, 1, 1]), t.tensor([0.5, 1.0, 2.0], dtype=t.float64)),
    "bincount of nothing": lambda t: t.bincount(t.tensor([], dtype=t.int64)),
    "histc": lambda t: t.histc(t.tensor([1.0, 2.0, 1.0, 5.0]), bins=4, min=0, max=4),
    "histc of its own range": lambda t: t.histc(t.tensor([1.0, 2.0, 1.0, 5.0]), bins=4),
    "histogram": lambda t: t.histogram(t.tensor([1.0, 2.0, 1.0]), bins=4, range=(0.0, 3.0)),
    "histogram density": lambda t: t.histogram(t.tensor([1.0, 2.0, 1.0]), bins=4, range=(0.0, 3.0), density=True),
    "histogram of edges": lambda t: t.histogram(t.tensor([1.0, 2.0, 1.0]), t.tensor([0.0, 1.5, 3.0])),
}


@pytest.mark.parametrize("name", COUNTING)
def test_counting_like_torch(name):
    torch = pytest.importorskip("torch")
    assert repr(COUNTING[name](chainrule)) == repr(COUNTING[name](torch))


BAD = {
    "topk of too many": (lambda t, x: x.topk(4), "selected index k out of range"),
    "topk of truth values": (lambda t, x: (x > 0).topk(1), "topk does not support bool dtypes on CPU"),
    "kthvalue of too many": (lambda t, x: x.kthvalue(4), "kthvalue(): selected number k out of range for dimension 1"),
    "max of nothing": (lambda t, x: t.ones(0, 3).max(0), "max(): Expected reduction dim 0 to have non-zero size."),
    "argmax of truth values": (lambda t, x: (x > 0).argmax(), "argmax(): does not support bool input"),
    "an axis that is not there": (lambda t, x: x.sort(2), "Dimension out of range (expected to be in range of [-2, 1], but got 2)"),
    "the median of truth values": (lambda t, x: (x > 0).median(), "\"median_cpu\" not implemented for 'Bool'"),
    "a quantile above 1": (lambda t, x: x.quantile(1.5), "quantile() q must be in the range [0, 1] but got 1.5"),
    "a quantile of integers": (lambda t, x: x.long().quantile(0.5), "quantile() input tensor must be either float or double dtype"),
    "bincount of reals": (lambda t, x: t.bincount(x[0]), "\"bincount_cpu\" not implemented for 'Float'"),
    "bincount of negatives": (lambda t, x: t.bincount(t.tensor([-1])), "bincount only supports 1-d non-negative integral inputs."),
    "sort of complex": (lambda t, x: x.to(t.complex64).sort(), "Sort does not support complex dtypes on CPU"),
    "max of complex": (lambda t, x: x.to(t.complex64).max(), "\"max_all\" not implemented for 'ComplexFloat'"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name):
    call, words = BAD[name]
    with pytest.raises((RuntimeError, IndexError)) as error:
        call(chainrule, chainrule.ones(2, 3))
    assert str(error.value).strip().startswith(words)


@pytest.mark.parametrize("name", BAD)
def test_bad_input_like_torch(name):
    torch = pytest.importorskip("torch")
    call, words = BAD[name]
    with pytest.raises((RuntimeError, IndexError)) as theirs:
        call(torch, torch.ones(2, 3))
    assert str(theirs.value).strip().startswith(words), "the words that are asserted here are PyTorch's"
    with pytest.raises(theirs.type):
        call(chainrule, chainrule.ones(2, 3))
