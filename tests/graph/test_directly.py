"""The short ways of small tensors say what the long ones say: rules read directly, operators by heart, scalars in place."""

import numpy as np
import pytest

import chainrule
from chainrule import tensor
from chainrule.graph import apply as hot
from chainrule.graph.op import REGISTRY, Elementwise, Op
from chainrule.graph.value import FREED
from chainrule.ops import arithmetic


@pytest.fixture
def watched(monkeypatch):
    monkeypatch.setattr(hot, "watched", 1)


def step():
    """A step with broadcasting both ways, meeting paths and an input that needs no gradient."""
    x, w, b = (
        tensor([[1.0, -2.0], [3.0, 0.5]]),
        tensor(0.75, requires_grad=True),
        tensor([0.25, -1.5], requires_grad=True),
    )
    h = w * x + b
    y = (h * h - x / (h * h + 1)).exp()
    (y.mean() + (b - w).sum()).backward()
    return [w.grad.tolist(), b.grad.tolist()]


def test_the_rules_of_all_ops_are_read_directly_unless_their_pull_does_more():
    for op in REGISTRY.values():
        own = op.pull is not Op.pull and op.pull is not Elementwise.pull and not op.by_rules
        assert (op.direct is None) == own, op
        assert own or len(op.direct) == len(op.rules)


def test_a_pass_that_is_watched_goes_through_pull(watched, monkeypatch):
    seen = []
    plain = arithmetic.Mul.pull

    def pull(self, node, g):
        seen.append(type(self).__name__)
        return plain(self, node, g)

    monkeypatch.setattr(arithmetic.Mul, "pull", pull)
    w = tensor(2.0, requires_grad=True)
    (w * 3).backward()
    assert seen == ["Mul"] and w.grad.item() == 3


def test_both_ways_give_the_same_digits(monkeypatch):
    short = step()
    monkeypatch.setattr(hot, "watched", 1)
    assert step() == short


def test_an_operator_that_is_watched_goes_through_binary(watched, monkeypatch):
    seen = []
    plain = hot.binary

    def binary(op, a, b):
        seen.append(op)
        return plain(op, a, b)

    monkeypatch.setattr("chainrule.tensors.operators.binary", binary)
    assert (2 - tensor([1.0, 2.0])).tolist() == [1, 0]
    assert seen == [arithmetic.rsub]


def test_an_operator_that_writes_and_is_watched_goes_through_update(watched, monkeypatch):
    from chainrule.tensors import arithmetic as named

    seen = []
    plain = named.update

    def update(target, other, change, function):
        seen.append(function)
        return plain(target, other, change, function)

    monkeypatch.setattr(named, "update", update)
    x = tensor([1.0, 2.0])
    x += 1
    x -= 0.5
    x *= 2
    assert x.tolist() == [3, 5] and seen == [named.add, named.sub, named.mul]


def test_what_is_asked_of_an_op_of_one_input_at_one_look_is_what_it_says():
    for op in REGISTRY.values():
        if issubclass(op, Elementwise) and len(op.inputs) == 1:
            assert op.alone == (op.quick, op.large, op.keeps[0], op.wants_shapes), op
        assert all(kind.char not in op.slow for kind in op.quick)


@pytest.mark.parametrize("count", [0, 1])
def test_an_operator_leaves_to_the_other_operand_what_it_does_not_know(count, monkeypatch):
    class Unit:
        def __radd__(self, other):
            return "metres"

    monkeypatch.setattr(hot, "watched", count)
    assert tensor([1.0]) + Unit() == "metres"
    with pytest.raises(TypeError, match="unsupported operand"):
        tensor([1.0]) - "a"
    with pytest.raises(RuntimeError, match="size of tensor a"):
        tensor([1.0, 2.0]) * tensor([1.0, 2.0, 3.0])


def test_a_chain_frees_what_it_kept_and_a_fork_too():
    w = tensor(0.5, requires_grad=True)
    y = (w * 2) ** 2
    z = y * y + y
    nodes = [z.grad_fn, y.grad_fn]
    z.backward()
    assert nodes[0].next_functions[0][0].saved is FREED and nodes[1].saved is FREED
    assert w.grad.item() == (2 * 1 + 1) * 2 * (0.5 * 2) * 2


@pytest.mark.parametrize("change", ["__iadd__", "__isub__", "__imul__", "__itruediv__"])
@pytest.mark.parametrize("other", [0.1, 3, 1e30, np.float32(0.1), 0.0])
@pytest.mark.parametrize("dtype", [chainrule.float32, chainrule.float64])
def test_numbers_change_in_place_as_arrays_do(change, other, dtype):
    one, many = tensor(-1.7e30, dtype=dtype), tensor([-1.7e30], dtype=dtype)
    own = [tensor(float(other), dtype=dtype), other]
    for o in own:
        array = one.array
        assert getattr(one, change)(o) is one and one.array is array and one.array.shape == ()
        getattr(many, change)(o)
        assert one.array.dtype == many.array.dtype == dtype.numpy
        np.testing.assert_array_equal(one.array, many.array[0])
    assert one._version == many._version == 2


def test_gradients_of_numbers_add_up_in_the_array_that_is_there():
    w = tensor(0.1, requires_grad=True)
    (w * 0.3).backward()
    kept = w.grad.array
    (w * 0.7).backward()
    assert w.grad.array is kept and w.grad._version == 1
    assert w.grad.item() == np.float32(0.3) + np.float32(0.7)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_few_entries_add_up_in_the_order_of_reading(count, dtype):
    for seed in range(50):
        x = np.random.default_rng(seed).standard_normal(count).astype(dtype)
        total = x[0]
        for entry in x[1:4]:
            total = total + entry
        w = chainrule.from_numpy(np.array(1, dtype)).requires_grad_()
        (w * chainrule.from_numpy(x)).sum().backward()
        if count < 5:
            assert chainrule.from_numpy(x).sum().item() == w.grad.item() == total
        else:
            np.testing.assert_allclose(w.grad.item(), x.sum(), 1e-5)
    assert not np.signbit(chainrule.from_numpy(np.full(count, -0.0, dtype)).sum().numpy())


@pytest.mark.parametrize("number", [0.1, -0.0, 1e-46, 3e38, 1e39, 1e300, float("inf"), float("nan"), 7, True])
@pytest.mark.parametrize("dtype", [chainrule.float32, chainrule.float64, chainrule.float16, chainrule.int64])
def test_an_operator_on_two_numbers_gives_what_it_gives_on_arrays(number, dtype, monkeypatch):
    def results():
        a = tensor(-2.5 if dtype.is_floating_point else -2, dtype=dtype)
        found = [a + number, number + a, a * number, number * a, a / number]
        return [*found, *([] if number is True else [a - number, number - a])]

    short = results()
    monkeypatch.setattr(hot, "watched", 1)
    for found, wanted in zip(short, results(), strict=True):
        assert found.dtype is wanted.dtype and type(found.array) is np.ndarray and found.shape == ()
        np.testing.assert_array_equal(found.array, wanted.array)
