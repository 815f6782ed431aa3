"""Reading and writing entries by index: what aliases what, what a write does to histories, what is refused and how."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chainrule as torch

# ---------------------------------------------------------------------- against PyTorch, any key


@st.composite
def keys(draw):
    """A shape and a key that mostly fits it; index arrays and masks are written as nested lists under a tag."""
    shape = tuple(draw(st.lists(st.integers(0, 4), max_size=4)))
    parts, left = [], list(shape)
    while left and draw(st.booleans()):
        n = left.pop(0)
        edge = st.none() | st.integers(-n - 2, n + 2)
        part = draw(
            st.one_of(
                st.integers(-n, n) if n else st.just(0),
                st.builds(slice, edge, edge, st.none() | st.integers(1, 3)),
                st.none(),
                st.lists(st.integers(-n, n - 1), max_size=4).map(lambda i: ("index", i))
                if n
                else st.just(("index", [])),
                st.lists(st.booleans(), min_size=n, max_size=n).map(lambda m: ("mask", m)),
                st.booleans(),
            )
        )
        if part is None or isinstance(part, bool):
            left.insert(0, n)
        parts.append(part)
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), ...)
    return shape, tuple(parts)


def spelled(lib, key):
    """A key with the tensors of one library."""
    dtypes = {"index": lib.int64, "mask": lib.bool}
    parts = tuple(lib.tensor(p[1], dtype=dtypes[p[0]]) if isinstance(p, tuple) else p for p in key)
    return parts[0] if len(parts) == 1 else parts


def outcome(function, *args):
    """What a call gives: its array, or the class of its error."""
    try:
        result = function(*args)
    except (IndexError, RuntimeError, TypeError, ValueError) as e:
        return type(e)
    return np.array(result.detach().numpy())


def alike(ours, theirs):
    if isinstance(theirs, type):
        return isinstance(ours, type) and issubclass(ours, theirs)
    return not isinstance(ours, type) and ours.shape == theirs.shape and bool((ours == theirs).all())


@given(keys())
def test_any_key_reads_as_in_pytorch(case):
    reference = pytest.importorskip("torch")
    shape, key = case
    x = np.arange(float(np.prod(shape))).reshape(shape)
    ours, theirs = (outcome(lambda lib=lib: lib.tensor(x)[spelled(lib, key)]) for lib in (torch, reference))
    assert alike(ours, theirs), (ours, theirs)


@given(keys(), st.booleans())
def test_any_key_writes_as_in_pytorch(case, with_history):
    reference = pytest.importorskip("torch")
    shape, key = case
    x = np.arange(float(np.prod(shape))).reshape(shape)

    def write(lib):
        y = lib.tensor(x)
        if with_history:
            y = y.requires_grad_() * 1
        y[spelled(lib, key)] = -1.0
        return y

    ours, theirs = (outcome(write, lib) for lib in (torch, reference))
    assert alike(ours, theirs), (ours, theirs)


# ---------------------------------------------------------------------- aliasing


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x[1], lambda x: x[1, 2], lambda x: x[:, 1:], lambda x: x[..., 0], lambda x: x[None], lambda x: x[:],
        lambda x: x[...], lambda x: x.select(0, 1), lambda x: x.narrow(1, 0, 2), lambda x: x[torch.tensor(1)],
        lambda x: x.view(-1), lambda x: x.reshape(2, 6), lambda x: x.t(), lambda x: x.T, lambda x: x.mT, lambda x: x.transpose(0, 1),
        lambda x: x.permute(1, 0), lambda x: x.unsqueeze(0), lambda x: x.squeeze(), lambda x: x.flatten(), lambda x: x.diagonal(),
        lambda x: x.unbind()[1], lambda x: x.split(2)[1], lambda x: x.chunk(2, 1)[0], lambda x: x.expand(3, 4),
        lambda x: x.unfold(0, 2, 2), lambda x: x.as_strided((2, 2), (1, 4)), lambda x: x.detach(), lambda x: x.movedim(0, 1),
        lambda x: next(iter(x)), lambda x: x.view(torch.float32),
    ],
)  # fmt: skip
def test_views_share_memory(view):
    x = torch.zeros(3, 4)
    y = view(x)
    before = x._version
    y[...] = 1.0
    assert x.sum().item() == y.numel()
    assert x._version == y._version > before


@pytest.mark.parametrize(
    "copy",
    [
        lambda x: x[[0, 1]], lambda x: x[torch.tensor([0, 1])], lambda x: x[x == 0], lambda x: x[True], lambda x: x.clone(),
        lambda x: x.t().reshape(-1), lambda x: x.t().contiguous(), lambda x: x.repeat(1, 1), lambda x: x.flip(0),
        lambda x: x.index_select(0, torch.tensor([1])), lambda x: torch.cat([x]), lambda x: x.tril(3), lambda x: x.diag(),
        lambda x: x.double().float(), lambda x: torch.tensor(x.numpy()), lambda x: x.gather(0, torch.zeros(1, 4, dtype=torch.long)),
    ],
)  # fmt: skip
def test_copies_do_not(copy):
    x = torch.zeros(3, 4)
    y = copy(x)
    y.fill_(1)
    assert x.sum().item() == 0


def test_a_single_entry_is_a_view_too():
    x = torch.zeros(3)
    x[1].add_(5)
    x.view(3)[2].fill_(7)
    assert x.tolist() == [0, 5, 7]


# ---------------------------------------------------------------------- writes and histories


def test_gradient_flows_to_what_was_written_and_not_to_what_was_overwritten():
    w, v = torch.ones(4, requires_grad=True), torch.tensor([2.0, 3.0], requires_grad=True)
    y = w * 10
    y[1:3] = v
    y[0] = 5.0
    (y * torch.tensor([1.0, 2.0, 3.0, 4.0])).sum().backward()
    assert w.grad.tolist() == [0, 0, 0, 40]
    assert v.grad.tolist() == [2, 3]
    assert type(y.grad_fn).__name__ == "CopySlices"


def test_writing_gives_a_history_to_a_tensor_without_one():
    v = torch.tensor([2.0, 3.0], requires_grad=True)
    rows = torch.zeros(3, 2)
    for i in range(3):
        rows[i] = v * i
    rows.sum().backward()
    assert v.grad.tolist() == [3, 3]


def test_a_view_taken_before_its_base_was_written_to_takes_over_the_new_history():
    """PyTorch makes the view's grad_fn anew; a stale one would give the gradient of values that are gone."""
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    y = w * 3
    view = y[1:]
    y.add_(w * w)  # y = 3 w + w²
    view.sum().backward()
    assert w.grad.tolist() == [0, 7]


def test_the_other_views_of_a_base_take_over_what_was_written_through_one():
    w = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = w * 1
    row, column, other_row = y[0], y[:, 1], y[1]
    untouched = other_row.grad_fn
    row.mul_(10)
    (column * torch.tensor([1.0, 1.0])).sum().backward()
    assert column.tolist() == [20, 4]
    assert w.grad.tolist() == [[0, 10], [0, 1]]
    assert other_row.grad_fn is untouched  # no entry in common with the row: nothing to do


def test_a_view_without_history_gets_one_when_its_base_does():
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    buffer = torch.zeros(2, 2)
    row = buffer[0]
    buffer += w
    assert row.requires_grad
    row.sum().backward()
    assert w.grad.tolist() == [1, 1]


def test_views_of_views_and_parts_of_unbind_follow_too():
    w = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = w * 1
    deep = y.t()[1].unsqueeze(0)
    first, second = y.unbind()
    y.zero_()
    for view in (deep, first, second):
        assert view.requires_grad
    (deep.sum() + second.sum()).backward()
    assert w.grad.tolist() == [[0, 0], [0, 0]]


def test_written_views_agree_with_pytorch_in_random_programs():
    reference = pytest.importorskip("torch")
    for seed in range(60):
        results = []
        for lib in (torch, reference):
            rng = np.random.default_rng(seed)
            w = lib.tensor(rng.normal(size=(3, 4)), requires_grad=True)
            base = w * 2
            views = [base, base[1], base[:, 1:3], base.t(), base.view(4, 3), base[2, 1:], base.reshape(12)[::5]]
            for _ in range(4):
                view = views[rng.integers(len(views))]
                kind = rng.integers(4)
                if kind == 0:
                    view.mul_(3.0)
                elif kind == 1:
                    view[0] = w.sum() * 0.1
                elif kind == 2:
                    view.add_(w[0, 0])
                else:
                    view[...] = lib.tensor(rng.normal(size=tuple(view.shape)))
            weights = [lib.tensor(rng.normal(size=tuple(v.shape))) for v in views]
            loss = sum((v * v * c).sum() for v, c in zip(views, weights))
            loss.backward()
            results.append((loss.item(), w.grad.numpy()))
        np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-10)
        np.testing.assert_allclose(results[0][1], results[1][1], rtol=1e-10, atol=1e-12)


def test_forgotten_views_are_forgotten():
    base = torch.zeros(1000, 2)
    for i in range(1000):
        base[i]
    assert len(base._viewers) <= 64


def test_zero_and_fill_keep_requires_grad_and_pass_gradient_zero():
    w = torch.ones(3, requires_grad=True)
    for write in (lambda y: y.zero_(), lambda y: y.fill_(2), lambda y: y[...].zero_()):
        y = w * 2
        write(y)
        assert y.requires_grad
        w.grad = None
        y.sum().backward()
        assert w.grad.tolist() == [0, 0, 0]


def test_fill_with_a_tensor_sends_it_the_sum_of_the_gradients():
    v = torch.tensor(2.0, requires_grad=True)
    y = torch.zeros(3)
    y.fill_(v)
    y.sum().backward()
    assert v.grad.item() == 3


def test_copy_broadcasts_converts_and_takes_over_the_history():
    v = torch.tensor([1.5, 2.5], requires_grad=True)
    y = torch.zeros(3, 2, dtype=torch.float64)
    assert y.copy_(v) is y
    (y * 2).sum().backward()
    assert v.grad.tolist() == [6, 6]
    assert torch.zeros(2, dtype=torch.int64).copy_(torch.tensor([1.9, -1.9])).tolist() == [1, -1]


def test_a_write_into_what_backward_needs_is_noticed():
    w = torch.ones(3, requires_grad=True)
    y = w * 2
    z = y * y
    y[1] = 0.0
    with pytest.raises(RuntimeError, match="modified by an inplace operation") as e:
        z.sum().backward()
    assert "is at version 1; expected version 0" in str(e.value)


def test_an_index_written_to_after_use_is_noticed():
    w, i = torch.ones(3, requires_grad=True), torch.tensor([0, 1])
    y = w[i]
    i[0] = 2
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_leaves_that_require_gradients_are_not_written_to():
    w = torch.ones(3, requires_grad=True)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad is being used in an in-place operation"):
        w[0] = 1.0
    with pytest.raises(RuntimeError, match="a view of a leaf Variable that requires grad"):
        w[:2][0] = 1.0
    with torch.no_grad():
        w[0] = 5.0
        w[1:] = torch.zeros(2)
    assert w.tolist() == [5, 0, 0] and w.is_leaf and w.requires_grad


def test_in_place_methods_of_picking_and_putting():
    x = torch.zeros(3, 2)
    x.index_add_(0, torch.tensor([0, 0]), torch.ones(2, 2)).masked_fill_(x == 0, 9.0).scatter_(
        1, torch.tensor([[1]]), 4.0
    )
    assert x.tolist() == [[2, 4], [9, 9], [9, 9]]
    x.index_copy_(0, torch.tensor([2]), torch.zeros(1, 2)).index_fill_(1, torch.tensor([0]), 1.0).put_(
        torch.tensor([3]), torch.tensor([7.0])
    )
    assert x.tolist() == [[1, 4], [1, 7], [1, 0]]
    x.masked_scatter_(x == 1, torch.tensor([5.0, 6.0, 7.0])).tril_().scatter_add_(
        0, torch.tensor([[0, 0]]), torch.ones(1, 2)
    )
    assert x.tolist() == [[6, 1], [6, 7], [7, 0]]
    x.index_put_((torch.tensor([0]), torch.tensor([1])), torch.tensor(3.0)).scatter_reduce_(
        0, torch.tensor([[0, 0]]), torch.ones(1, 2), "sum"
    )
    assert x.tolist() == [[7, 4], [6, 7], [7, 0]]


def test_fill_diagonal():
    x = torch.zeros(7, 3)
    assert x.fill_diagonal_(1, wrap=True).nonzero().tolist() == [[0, 0], [1, 1], [2, 2], [4, 0], [5, 1], [6, 2]]
    assert torch.zeros(2, 3).fill_diagonal_(5).tolist() == [[5, 0, 0], [0, 5, 0]]


# ---------------------------------------------------------------------- where and which


def test_nonzero_and_argwhere():
    x = torch.tensor([[0, 5], [6, 0]])
    assert x.nonzero().tolist() == torch.argwhere(x).tolist() == [[0, 1], [1, 0]]
    assert [i.tolist() for i in torch.nonzero(x, as_tuple=True)] == [[0, 1], [1, 0]]
    assert torch.tensor(3).nonzero().shape == (1, 0)


def test_searchsorted_and_bucketize():
    rows = torch.tensor([[1, 3, 5], [2, 4, 6]])
    assert torch.searchsorted(rows, torch.tensor([[3, 9], [3, 1]])).tolist() == [[1, 3], [1, 0]]
    assert torch.searchsorted(rows[0], torch.tensor([3]), right=True).tolist() == [2]
    assert torch.searchsorted(rows[0], torch.tensor([3]), side="right").tolist() == [2]
    assert torch.searchsorted(torch.tensor([3, 1, 2]), torch.tensor([2]), sorter=torch.tensor([1, 2, 0])).tolist() == [
        1
    ]
    assert torch.bucketize(torch.tensor([0.5, 1.0, 9.0]), torch.tensor([1.0, 2.0]), out_int32=True).dtype == torch.int32
    with pytest.raises(RuntimeError, match="side and right can't be set to opposites"):
        torch.searchsorted(rows[0], rows[1], right=True, side="left")


# ---------------------------------------------------------------------- what is refused

X = torch.arange(24.0).reshape(4, 6)


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: X[4], IndexError, ["index 4 is out of bounds for dimension 0 with size 4", "why", "[4, 6]"]),
        (lambda: X[0, -7], IndexError, ["index -7 is out of bounds for dimension 1 with size 6"]),
        (lambda: X[0, 0, 0], IndexError, ["too many indices for tensor of dimension 2", "3 axes", "[4, 6]"]),
        (lambda: X[0, 0, [0]], IndexError, ["too many indices for tensor of dimension 2"]),
        (
            lambda: X[torch.tensor([1.0])],
            IndexError,
            ["tensors used as indices must be long, int, byte or bool", "i.long()"],
        ),
        (lambda: X[1.0], IndexError, ["only integers, slices (`:`), ellipsis", "(got float)", "x[int(i)]"]),
        (lambda: X["a"], TypeError, ["only integers", "(got str)"]),
        (lambda: X[::-1], ValueError, ["step must be greater than zero", "x.flip(0)"]),
        (lambda: X[torch.tensor([0, 4])], IndexError, ["index 4 is out of bounds for dimension 0 with size 4"]),
        (
            lambda: X[[0, 1], [0, 1, 2]],
            IndexError,
            ["indexing tensors could not be broadcast together with shapes [2], [3]", "i[:, None]"],
        ),
        (
            lambda: X[torch.tensor([True, False])],
            IndexError,
            ["The shape of the mask [2] at index 0 does not match", "[4, 6]"],
        ),
        (lambda: X[0, torch.tensor([True])], IndexError, ["The shape of the mask [1] at index 0 does not match"]),
        (lambda: torch.tensor(1.0)[0], IndexError, ["invalid index of a 0-dim tensor", "x.item()"]),
        (lambda: torch.tensor(1.0)[:], IndexError, ["slice() cannot be applied to a 0-dim tensor"]),
        (
            lambda: X.clone().__setitem__(0, [1.0] * 6),
            TypeError,
            ["can't assign a list to a torch.FloatTensor", "torch.tensor(value)"],
        ),
        (
            lambda: X.clone().__setitem__(0, np.ones(6)),
            TypeError,
            ["can't assign a numpy.ndarray to a torch.FloatTensor"],
        ),
        (
            lambda: X.clone().__setitem__(0, torch.ones(5)),
            RuntimeError,
            ["The expanded size of the tensor (6) must match the existing size (5)"],
        ),
        (
            lambda: X.clone().__setitem__([0], torch.ones(5)),
            RuntimeError,
            ["shape mismatch: value tensor of shape [5]", "[1, 6]"],
        ),
        (
            lambda: X.clone().__setitem__([0], torch.ones(6).double()),
            RuntimeError,
            [
                "Index put requires the source and destination dtypes match, got Float for the destination and Double",
                "value.to(torch.float32)",
            ],
        ),
        (lambda: X.clone().__setitem__(0, 1j), RuntimeError, ["value cannot be converted to type float"]),
        (
            lambda: torch.zeros(3).expand(2, 3).add_(1),
            RuntimeError,
            ["more than one element of the written-to tensor refers to a single memory location", "x.clone()"],
        ),
        (
            lambda: torch.zeros(3).expand(2, 3).__setitem__(slice(None), 1.0),
            RuntimeError,
            ["more than one element of the written-to tensor"],
        ),
        (
            lambda: X.select(0, 7),
            IndexError,
            ["select(): index 7 out of range for tensor of size [4, 6] at dimension 0"],
        ),
        (lambda: X.narrow(0, 3, 2), RuntimeError, ["start (3) + length (2) exceeds dimension size (4)."]),
        (
            lambda: X.gather(1, torch.tensor([[6]])),
            RuntimeError,
            ["index 6 is out of bounds for dimension 1 with size 6"],
        ),
        (
            lambda: X.gather(1, torch.tensor([[-1]])),
            RuntimeError,
            ["index -1 is out of bounds", "do not count from the end"],
        ),
        (
            lambda: X.gather(1, torch.tensor([0, 1])),
            RuntimeError,
            ["Index tensor must have the same number of dimensions", "unsqueeze(1)"],
        ),
        (
            lambda: X.gather(1, torch.tensor([[0.0]])),
            RuntimeError,
            ["gather(): Expected dtype int32/int64 for index", "index.long()"],
        ),
        (
            lambda: X.gather(1, torch.zeros(5, 1, dtype=torch.long)),
            RuntimeError,
            ["Size does not match at dimension 0 expected index [5, 1]"],
        ),
        (
            lambda: X.scatter(1, torch.tensor([[0, 1]]), torch.ones(1, 1)),
            RuntimeError,
            ["no larger size than src [1, 1]"],
        ),
        (
            lambda: X.scatter(1, torch.tensor([[0]]), X.double()),
            RuntimeError,
            ["Expected self.dtype to be equal to src.dtype", "source.to(torch.float32)"],
        ),
        (
            lambda: X.scatter_reduce(1, torch.tensor([[0]]), X, "max"),
            RuntimeError,
            ["reduce argument must be either sum, prod, mean, amax or amin, got max"],
        ),
        (lambda: X.index_select(0, torch.tensor([4])), IndexError, ["index out of range in self", "4 entries"]),
        (
            lambda: X.index_add(0, torch.tensor([0]), X),
            RuntimeError,
            ["Number of indices (1) should be equal to source.size(dim): (4), for dim: 0"],
        ),
        (
            lambda: X.index_copy(0, torch.tensor([9]), X[:1]),
            IndexError,
            ["index 9 is out of bounds for dimension 0 with size 4"],
        ),
        (lambda: X.masked_fill(X, 0.0), RuntimeError, ["only supports boolean masks", "mask.bool()"]),
        (
            lambda: X.masked_fill(X > 0, torch.ones(1)),
            RuntimeError,
            ["0-dimensional value tensor, but got tensor with 1 dimension(s)"],
        ),
        (lambda: X.masked_select(X), RuntimeError, ["masked_select: expected BoolTensor for mask"]),
        (
            lambda: X.masked_scatter(X > 0, torch.ones(2)),
            RuntimeError,
            ["Number of elements of source < number of ones in mask"],
        ),
        (lambda: X.take(torch.tensor([24])), IndexError, ["tried to access index 24 on a tensor of 24 elements"]),
        (
            lambda: X.put(torch.tensor([0]), torch.ones(2)),
            IndexError,
            ["Expected source and index to have the same number of elements"],
        ),
    ],
)
def test_errors(call, kind, words):
    with pytest.raises(kind) as e:
        call()
    for w in words:
        assert w in str(e.value)
