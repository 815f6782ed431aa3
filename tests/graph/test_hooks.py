"""Hooks: on tensors, on nodes, after a leaf's gradient was updated; what they see, what they may change, how they go."""

import pytest

import chainrule
from chainrule import tensor


def leaf(*entries: float):
    return tensor(list(entries), requires_grad=True)


def test_a_tensor_hook_sees_and_replaces_the_gradient():
    x, seen = leaf(1.0, 2.0), []
    y = x * 3
    y.register_hook(lambda g: seen.append(g.tolist()))
    y.register_hook(lambda g: g * 10)
    y.register_hook(lambda g: seen.append(g.tolist()))
    y.sum().backward()
    assert seen == [[1.0, 1.0], [10.0, 10.0]]
    assert x.grad.tolist() == [30.0, 30.0]


def test_a_hook_on_a_leaf_sees_the_whole_gradient_of_one_pass():
    x, seen = leaf(1.0, 2.0), []
    handle = x.register_hook(lambda g: seen.append(g.tolist()))
    (x * 2 + x).sum().backward()
    (x * 2).sum().backward()
    assert seen == [[3.0, 3.0], [2.0, 2.0]]
    handle.remove()
    handle.remove()  # a second time does nothing
    x.sum().backward()
    assert len(seen) == 2 and x.grad.tolist() == [6.0, 6.0]


def test_a_handle_is_a_context():
    x, seen = leaf(1.0), []
    with x.register_hook(seen.append):
        x.sum().backward()
    x.sum().backward()
    assert len(seen) == 1


def test_hooks_only_run_on_the_way_to_what_was_asked_for():
    x, w, seen = leaf(1.0), leaf(2.0), []
    x.register_hook(lambda g: seen.append("x"))
    w.register_hook(lambda g: seen.append("w"))
    chainrule.autograd.grad((x * w).sum(), w)
    assert seen == ["w"]


def test_autograd_grad_returns_what_the_hook_made():
    x = leaf(1.0)
    x.register_hook(lambda g: g * 7)
    assert chainrule.autograd.grad((x * 2).sum(), x)[0].tolist() == [14.0]
    assert x.grad is None


def test_hooks_under_create_graph_are_part_of_the_graph():
    x = leaf(2.0)
    y = x * x
    y.register_hook(lambda g: g * x)
    (slope,) = chainrule.autograd.grad(y.sum(), x, create_graph=True)  # 2x · x
    assert slope.tolist() == [8.0]
    assert chainrule.autograd.grad(slope.sum(), x)[0].tolist() == [8.0]  # 4x


def test_retain_grad_adds_up():
    x = leaf(1.0, 2.0)
    y = x * 2
    y.retain_grad()
    assert y.retains_grad and not x.retains_grad
    z = (y * y).sum()
    z.backward(retain_graph=True)
    assert y.grad.tolist() == [4.0, 8.0]
    z.backward()
    assert y.grad.tolist() == [8.0, 16.0]


def test_retain_grad_comes_after_the_hooks():
    y = leaf(1.0) * 1
    y.retain_grad()
    y.register_hook(lambda g: g * 5)
    y.sum().backward()
    assert y.grad.tolist() == [5.0]


def test_retain_grad_follows_a_write():
    x = leaf(1.0)
    y = x * 2
    y.retain_grad()
    y.mul_(3)
    (y * 10).sum().backward()
    assert y.grad.tolist() == [10.0] and x.grad.tolist() == [60.0]


def test_the_grad_of_a_computed_tensor_warns():
    y = leaf(1.0) * 2
    with pytest.warns(UserWarning, match="The .grad attribute of a Tensor that is not a leaf Tensor is being accessed"):
        assert y.grad is None


def test_post_accumulate_hook():
    x, seen = leaf(1.0, 2.0), []
    handle = x.register_post_accumulate_grad_hook(lambda p: seen.append(p.grad.tolist()))
    (x * 2).sum().backward()
    (x * 2).sum().backward()
    assert seen == [[2.0, 2.0], [4.0, 4.0]]
    handle.remove()
    (x * 2).sum().backward()
    assert len(seen) == 2


def test_an_optimizer_in_a_hook():
    """The step is taken, and the gradient dropped, while the pass is still running."""
    w = leaf(1.0)
    optimizer = chainrule.optim.SGD([w], lr=0.1)

    def update(parameter):
        optimizer.step()
        optimizer.zero_grad()

    w.register_post_accumulate_grad_hook(update)
    (w * 3).sum().backward()
    assert w.grad is None and round(w.item(), 6) == 0.7


def test_node_hooks():
    """After the rule: gradients of the inputs (None where none is needed) and of the outputs; before it: of the outputs."""
    x, seen = leaf(1.0, 2.0), []
    y = x * x

    def after(inputs, outputs):
        seen.append(([g.tolist() for g in inputs], [g.tolist() for g in outputs]))
        return (inputs[0] * 10, inputs[1])

    y.grad_fn.register_hook(after)
    y.grad_fn.register_prehook(lambda outputs: (outputs[0] * 2,))
    y.sum().backward()
    assert seen == [([[2.0, 4.0], [2.0, 4.0]], [[2.0, 2.0]])]
    assert x.grad.tolist() == [22.0, 44.0]


def test_node_hooks_see_none_for_what_has_no_gradient():
    x, seen = leaf(1.0), []
    y = x * 2
    handle = y.grad_fn.register_hook(lambda inputs, outputs: seen.append(inputs))
    y.sum().backward()
    assert seen[0][0].tolist() == [2.0] and seen[0][1] is None
    handle.remove()
    a, b = (x.reshape(1, 1) * tensor([[1.0, 2.0]])).unbind(1)
    a.grad_fn.register_prehook(lambda outputs: seen.append(outputs))
    a.sum().backward()
    assert len(seen) == 2 and seen[1][0].tolist() == [1.0] and seen[1][1] is None


def test_node_hooks_of_a_leaf_run_after_the_gradient_was_added():
    x, seen = leaf(1.0), []
    (x * 1).grad_fn.next_functions[0][0].register_hook(lambda inputs, outputs: seen.append((inputs, outputs, x.grad)))
    (x * 3).sum().backward()
    ((inputs, outputs, grad),) = seen
    assert inputs == () and outputs[0].tolist() == [3.0] and grad.tolist() == [3.0]


def test_what_a_hook_may_not_return():
    x = leaf(1.0, 2.0)
    with x.register_hook(lambda g: 3):
        with pytest.raises(TypeError, match="expected Variable, but hook returned 'int'\n  why: .*\n  instead: return a tensor"):
            x.sum().backward()
    with x.register_hook(lambda g: chainrule.ones(3)):
        with pytest.raises(RuntimeError, match="hook '<lambda>' has changed the size of value\n.*\\[2\\].*\\[3\\]"):
            x.sum().backward()
    with x.register_hook(lambda g: g.double()):
        with pytest.raises(RuntimeError, match="has changed the type of value"):
            x.sum().backward()
    y = x * 2
    y.grad_fn.register_hook(lambda inputs, outputs: inputs[:1])
    with pytest.raises(RuntimeError, match="incorrect number of values \\(got 1, but expected 2\\)"):
        y.sum().backward()
    assert x.grad is None


def test_where_hooks_make_no_sense():
    plain, computed = tensor([1.0]), leaf(1.0) * 2
    with pytest.raises(RuntimeError, match="cannot register a hook on a tensor that doesn't require gradient"):
        plain.register_hook(print)
    with pytest.raises(RuntimeError, match="can't retain_grad on Tensor that has requires_grad=False"):
        plain.retain_grad()
    with pytest.raises(RuntimeError, match="post accumulate grad hooks cannot be registered on non-leaf tensors"):
        computed.register_post_accumulate_grad_hook(print)


def test_retain_grad_on_a_leaf_changes_nothing():
    x = leaf(1.0)
    x.retain_grad()
    (x * 2).sum().backward()
    assert x.grad.tolist() == [2.0] and not x.retains_grad
