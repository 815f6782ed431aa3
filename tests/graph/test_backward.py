"""The chain rule: in which order nodes are visited, where gradients end up, what is freed, what is refused."""

import gc
import weakref

import numpy as np
import pytest

import chainrule
from chainrule import tensor
from chainrule.graph.apply import apply
from chainrule.graph.op import Op
from chainrule.graph.value import Leaf


def leaf(*entries: float):
    return tensor(list(entries), requires_grad=True)


def test_three_factors():
    """d/dw (w·x − y)² = 2 (w·x − y) · x, at w = 1, x = 3, y = 5."""
    w = tensor(1.0, requires_grad=True)
    ((w * 3 - 5) ** 2).backward()
    assert w.grad.item() == 2 * (1 * 3 - 5) * 3


def test_a_node_is_visited_once_all_that_used_its_result_have_been():
    order = []

    class Witness(Op):
        """y = x"""

        fields = ("name",)
        slow = ""

        def forward(self, x):
            return x * 1

        def pull_x(self, g):
            order.append((self.name, float(g)))
            return g

    x = tensor(2.0, requires_grad=True)
    a = Witness("a")(x)
    b = Witness("b")(a)
    c = Witness("c")(a)  # a is used by b, c, and directly
    (b + 10 * c + 100 * a).backward()
    assert order == [("c", 10.0), ("b", 1.0), ("a", 111.0)]
    assert x.grad.item() == 111.0


def test_gradients_of_all_uses_add_up_and_accumulate_over_passes():
    x = leaf(1.0, 2.0)
    y = x * x + 3 * x + x
    y.sum().backward()
    assert x.grad.tolist() == [6.0, 8.0]
    first = x.grad
    (2 * x).sum().backward()
    assert x.grad is first and x.grad.tolist() == [8.0, 10.0]
    x.grad = None
    (2 * x).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0] and first.tolist() == [8.0, 10.0]


def test_broadcasting_is_undone():
    row, column, number = leaf(1.0, 2.0, 3.0), tensor([[1.0], [2.0]], requires_grad=True), leaf(5.0)
    (row * column * number).sum().backward()
    assert row.grad.tolist() == [15.0, 15.0, 15.0]
    assert column.grad.tolist() == [[30.0], [30.0]]
    assert number.grad.tolist() == [18.0]


def test_two_leaves_never_share_one_array():
    """The rule of + hands out the upstream gradient itself, twice: each leaf needs its own."""
    for shape in ((3,), (4, 5), ()):
        a, b = (chainrule.ones(shape, requires_grad=True) for _ in range(2))
        (a + b).backward(chainrule.ones(shape))
        assert not np.shares_memory(a.grad.array, b.grad.array)
        a.grad += 1
        assert b.grad.array.ravel()[0] == 1.0


def test_a_leaf_does_not_take_the_gradient_it_was_given():
    a, seed = leaf(1.0, 2.0), tensor([3.0, 4.0])
    a.backward(seed)
    (a + 0).backward(seed)
    a.grad.zero_()
    assert seed.tolist() == [3.0, 4.0]


def test_a_leaf_does_not_take_an_array_that_a_node_kept():
    a, b = leaf(1.0, 2.0), tensor([3.0, 4.0])
    y = (a * b).sum()  # ∂y/∂a = b
    y.backward(retain_graph=True)
    a.grad *= 100
    assert b.tolist() == [3.0, 4.0]
    a.grad = None
    y.backward()
    assert a.grad.tolist() == [3.0, 4.0]


def test_a_leaf_does_not_take_a_gradient_that_a_hook_kept():
    a, seen = leaf(1.0, 2.0), []
    a.register_hook(seen.append)
    (a * 3).sum().backward()
    a.grad.zero_()
    assert seen[0].tolist() == [3.0, 3.0]


def test_grads_from_autograd_grad_are_separate_arrays():
    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    da, db = chainrule.autograd.grad((a + b).sum(), (a, b))
    da.zero_()
    assert db.tolist() == [1.0, 1.0]
    first, second = chainrule.autograd.grad((a * 2).sum(), (a, a))
    first.zero_()
    assert second.tolist() == [2.0, 2.0]


def test_the_array_of_a_gradient_that_nobody_else_holds_is_not_copied():
    made = []

    class Maker(Op):
        """y = 2 x"""

        slow = ""

        def forward(self, x):
            return x * 2

        def pull_x(self, g):
            d = g * 2
            made.append(d.__array_interface__["data"][0])
            return d

    x = leaf(1.0, 2.0)
    y = Maker()(x)
    y.backward(chainrule.ones(2))
    assert x.grad.array.__array_interface__["data"][0] == made[0]


def test_a_second_pass_over_a_freed_graph():
    x = leaf(1.0, 2.0)
    y = (x**2).sum()
    y.backward()
    with pytest.raises(chainrule.base.errors.GradientError) as error:
        y.backward()
    text = str(error.value)
    assert isinstance(error.value, RuntimeError)
    assert text.startswith("Trying to backward through the graph a second time")
    assert "Specify retain_graph=True" in text
    assert "the values that PowBackward0 had kept were freed" in text
    assert "instead: compute the loss again before the second backward" in text
    assert x.grad.tolist() == [2.0, 4.0]


def test_what_keeps_nothing_can_be_gone_through_again():
    x = leaf(1.0, 2.0)
    y = (x + 1).double().sum()
    y.backward()
    y.backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_retain_graph():
    x = leaf(1.0, 2.0)
    y = (x**2).sum()
    y.backward(retain_graph=True)
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [6.0, 12.0]


def test_a_part_that_both_losses_share_is_freed_by_the_first():
    x = leaf(1.0, 2.0)
    shared = x**2
    shared.sum().backward()
    with pytest.raises(RuntimeError, match="a second time"):
        (shared * 2).sum().backward()


def test_retain_graph_false_frees_although_the_pass_was_recorded():
    x = leaf(1.0, 2.0)
    y = (x**3).sum()
    (slope,) = chainrule.autograd.grad(y, x, create_graph=True, retain_graph=False)
    with pytest.raises(RuntimeError, match="a second time"):
        y.backward()
    slope.sum().backward()
    assert x.grad.tolist() == [6.0, 12.0]


def test_gradient_argument():
    x = leaf(1.0, 2.0)
    (x * x).backward(tensor([10.0, 100.0]))
    assert x.grad.tolist() == [20.0, 400.0]
    x.grad = None
    (x * x).backward(gradient=tensor([10.0, 100.0], dtype=chainrule.float64))
    assert x.grad.tolist() == [20.0, 400.0] and x.grad.dtype is chainrule.float32


def test_gradient_argument_takes_the_dtype_of_what_it_belongs_to():
    x, seen = leaf(1.0, 2.0), []
    y = x * 1
    y.register_hook(lambda g: seen.append(g.dtype))
    y.backward(chainrule.ones(2, dtype=chainrule.float64))
    assert seen == [chainrule.float32]


def test_inputs_argument():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    y = x * w
    z = (y * y).sum()
    z.backward(inputs=[x], retain_graph=True)
    assert w.grad is None and x.grad.tolist() == [18.0, 64.0]
    z.backward(inputs=w, retain_graph=True)
    assert w.grad.tolist() == [6.0, 32.0] and x.grad.tolist() == [18.0, 64.0]
    z.backward(inputs=[y])
    assert y.grad.tolist() == [6.0, 16.0] and w.grad.tolist() == [6.0, 32.0]
    with pytest.raises(RuntimeError, match="`inputs` argument to `backward\\(\\)` cannot be empty"):
        y.backward(inputs=[])


def test_backward_of_several_tensors():
    x = leaf(1.0, 2.0)
    chainrule.autograd.backward([x.sum(), x * 2], [None, tensor([1.0, 10.0])])
    assert x.grad.tolist() == [3.0, 21.0]
    with pytest.raises(RuntimeError, match="got 2 tensors and 1 gradients"):
        chainrule.autograd.backward([x.sum(), x.sum()], [None])


def test_a_leaf_is_its_own_gradient():
    x = tensor(3.0, requires_grad=True)
    x.backward()
    assert x.grad.item() == 1.0


def test_several_outputs_of_one_node():
    x = tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    a, b = x.unbind(0)
    assert a.grad_fn is b.grad_fn and (a.output_nr, b.output_nr) == (0, 1)
    (a * 10).sum().backward(retain_graph=True)  # b is not used
    assert x.grad.tolist() == [[10.0, 10.0], [0.0, 0.0]]
    (a * b).sum().backward()
    assert x.grad.tolist() == [[13.0, 14.0], [1.0, 2.0]]
    values, places = x.max(0)
    assert values.requires_grad and not places.requires_grad


def test_node_graph_can_be_walked():
    x = leaf(1.0, 2.0)
    y = (x * 2).sum()
    assert y.grad_fn.name() == "SumBackward0"
    ((mul, _),) = y.grad_fn.next_functions
    assert mul.name() == "MulBackward0"
    assert [(type(node), place) for node, place in mul.next_functions] == [(Leaf, 0), (type(None), 0)]
    assert mul.next_functions[0][0].variable is x
    assert repr(mul.next_functions[0][0]).startswith("<AccumulateGrad object at 0x")


def test_a_chain_of_200_000_operations():
    """No recursion in the forward pass, the backward pass, or when the graph is freed."""
    x = tensor(1.0, requires_grad=True)
    y = x
    for _ in range(200_000):
        y = y + 1.0
    y.backward()
    assert x.grad.item() == 1.0
    y = x * 1.0
    for _ in range(200_000):
        y = y * 1.0
    del y  # a graph that no pass went through


@pytest.fixture
def without_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_graph_is_freed_by_its_last_reference(without_collector):
    x = leaf(1.0, 2.0)
    y = (x.exp() * x).tanh().sum()
    node = weakref.ref(y.grad_fn)
    deep = weakref.ref(y.grad_fn.next_functions[0][0].next_functions[0][0])
    assert deep() is not None
    del y
    assert node() is None and deep() is None


def test_backward_frees_what_nodes_kept_while_the_result_lives(without_collector):
    x = chainrule.ones(50_000, requires_grad=True)  # (what is little stays until the next pass: spent.py)
    h = x.exp()
    kept = weakref.ref(h.array)
    y = h.sum()
    del h
    assert kept() is not None  # the rule of exp names its result
    y.backward()
    assert kept() is None and y.item() > 0


def test_an_intermediate_that_no_rule_names_is_freed_at_once(without_collector):
    x = chainrule.ones(1000, requires_grad=True)
    h = x * 2
    kept = weakref.ref(h.array)
    y = (h + 1).sum()
    del h
    assert kept() is None
    y.backward()
    assert x.grad[0].item() == 2.0


def test_a_parameter_that_is_gone_receives_nothing():
    x, w = leaf(1.0), leaf(2.0)
    y = x * w
    del w
    y.backward()
    assert x.grad.tolist() == [2.0]


@pytest.mark.parametrize("recording", [True, False])
def test_a_pass_that_fails_leaves_recording_as_it_was(recording):
    y = leaf(1.0, 2.0) * 2
    y.register_hook(lambda g: 1 / 0)
    with chainrule.set_grad_enabled(recording):
        for create in (True, False):
            with pytest.raises(ZeroDivisionError):
                y.backward(chainrule.ones(2), create_graph=create)
            assert chainrule.is_grad_enabled() is recording


def test_only_the_gradients_that_are_needed_are_found():
    """Of an op of two inputs the rule of the one that is asked for, in each kind of pass; what is kept has its history still."""
    read = []

    class Product(Op):
        def forward(self, a, b):
            return a * b

        def pull_a(self, g, b):
            read.append("a")
            return g * b

        def pull_b(self, g, a):
            read.append("b")
            return g * a

    a, b = (chainrule.tensor(values, requires_grad=True) for values in ([2.0, 3.0], [5.0, 7.0]))
    y = apply(Product(), a * 1, b * 1)
    for create in (False, True):
        (d,) = chainrule.autograd.grad(y.sum(), a, retain_graph=True, create_graph=create)
        assert d.tolist() == [5.0, 7.0]
    assert read == ["a", "a"]
    (twice,) = chainrule.autograd.grad((d * d).sum(), b, retain_graph=True)
    assert twice.tolist() == [10.0, 14.0]
    read.clear()
    (rows,) = chainrule.autograd.grad(y, b, chainrule.eye(2), is_grads_batched=True, retain_graph=True)
    assert rows.tolist() == [[2.0, 0.0], [0.0, 3.0]] and read == ["b"]
    read.clear()
    shown = []
    y.grad_fn.register_hook(lambda found, g: shown.append([d.tolist() for d in found]))
    chainrule.autograd.grad(y.sum(), a)
    assert shown == [[[5.0, 7.0], [2.0, 3.0]]]
