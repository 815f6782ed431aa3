"""Hooks around a module's forward and backward pass: what they see and may change, in PyTorch's order."""

import warnings

import pytest

import chainrule

CALLS: list = []


def plain(x):
    """Tensors as lists, in nested tuples, lists and dicts."""
    if hasattr(x, "tolist"):
        return x.tolist()
    if isinstance(x, (tuple, list)):
        return tuple(plain(i) for i in x)
    return {k: plain(v) for k, v in x.items()} if isinstance(x, dict) else x


def note(*what):
    CALLS.append(plain(what))


def layer(lib):
    """y = 2 a + 3 b"""
    made = lib.nn.Linear(2, 1, bias=False)
    with lib.no_grad():
        made.weight.copy_(lib.tensor([[2.0, 3.0]]))
    return made


SETUPS = {
    "forward": lambda m: m.register_forward_hook(lambda m, i, o: note("f", i, o)),
    "forward, replaced": lambda m: (m.register_forward_hook(lambda m, i, o: o * 10), m.register_forward_hook(lambda m, i, o: note(o))),
    "before": lambda m: m.register_forward_pre_hook(lambda m, i: note("p", i)),
    "before, a tensor": lambda m: m.register_forward_pre_hook(lambda m, i: i[0] * 10),
    "before, a tuple": lambda m: m.register_forward_pre_hook(lambda m, i: (i[0] * 10,)),
    "first in line": lambda m: (m.register_forward_hook(lambda m, i, o: note("a")), m.register_forward_hook(lambda m, i, o: note("b"), prepend=True)),
    "with names": lambda m: (
        m.register_forward_hook(lambda m, a, k, o: note(a, k, o), with_kwargs=True),
        m.register_forward_pre_hook(lambda m, a, k: ((a[0] * 2,), {}), with_kwargs=True),
    ),
    "backward": lambda m: m.register_full_backward_hook(lambda m, i, o: note("b", i, o)),
    "backward, replaced": lambda m: m.register_full_backward_hook(lambda m, i, o: (i[0] * 100,)),
    "before backward": lambda m: m.register_full_backward_pre_hook(lambda m, o: note("bp", o)),
    "before backward, replaced": lambda m: (
        m.register_full_backward_pre_hook(lambda m, o: (o[0] * 7,)),
        m.register_full_backward_hook(lambda m, i, o: note("b", i, o)),
    ),
    "several backward": lambda m: [
        m.register_full_backward_hook(lambda m, i, o, k=k: note(k), prepend=k == 2) for k in range(3)
    ],
    "removed": lambda m: m.register_forward_hook(lambda m, i, o: note("x")).remove(),
}  # fmt: skip


def run(lib, setup, use=lambda m, x: m(x).sum().backward(), leaf=True):
    CALLS.clear()
    made, x = layer(lib), lib.tensor([[1.0, 1.0]], requires_grad=leaf)
    setup(made)
    use(made, x)
    return list(CALLS), plain(x.grad), plain(made.weight.grad)


USES = {
    "once": lambda m, x: m(x).sum().backward(),
    "twice in one graph": lambda m, x: (m(x) * 2 + m(x * 3)).sum().backward(),
    "two passes": lambda m, x: [y.backward(retain_graph=True) for y in [m(x).sum()] for _ in range(2)],
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("name", SETUPS)
def test_like_torch(name, use):
    torch = pytest.importorskip("torch")
    assert run(chainrule, SETUPS[name], USES[use]) == run(torch, SETUPS[name], USES[use])


@pytest.mark.parametrize("name", ["backward", "before backward"])
def test_inputs_without_gradients_like_torch(name):
    torch = pytest.importorskip("torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch says that there are none
        theirs = run(torch, SETUPS[name], leaf=False)
    assert run(chainrule, SETUPS[name], leaf=False) == theirs


def test_frozen():
    assert run(chainrule, SETUPS["forward"])[0] == [("f", ([[1.0, 1.0]],), [[5.0]])]
    assert run(chainrule, SETUPS["backward"]) == ([("b", ([[2.0, 3.0]],), ([[1.0]],))], [[2.0, 3.0]], [[1.0, 1.0]])
    assert run(chainrule, SETUPS["backward, replaced"])[1:] == ([[200.0, 300.0]], [[1.0, 1.0]])
    assert run(chainrule, SETUPS["before backward, replaced"]) == ([("b", ([[14.0, 21.0]],), ([[7.0]],))], [[14.0, 21.0]], [[7.0, 7.0]])


def several(lib):
    """A module of two inputs and two outputs, whose second input or output may take no part."""

    class Both(lib.nn.Module):
        def forward(self, a, b, scale=2):
            return a * b, a + b

    found = []
    made = Both()
    made.register_full_backward_hook(lambda m, i, o: found.append(plain((i, o))))
    a = lib.tensor([1.0, 2.0], requires_grad=True)
    for b in (lib.tensor([3.0, 4.0]), lib.tensor([5.0, 6.0], requires_grad=True)):
        first, second = made(a, b, 3)
        first.sum().backward(retain_graph=True)
        (first.sum() + second.sum() * 2).backward()
    return found, plain(a.grad), first.grad_fn.name()


def test_several_inputs_and_outputs_like_torch():
    torch = pytest.importorskip("torch")
    assert several(chainrule) == several(torch)


def second(lib):
    made, x, seen = layer(lib), lib.tensor([[1.0, 1.0]], requires_grad=True), []
    made.register_full_backward_hook(lambda m, i, o: seen.append(plain((i, o))) or (i[0] * i[0],))
    (slope,) = lib.autograd.grad((made(x) ** 2).sum(), x, create_graph=True)
    (curve,) = lib.autograd.grad(slope[0, 0], x)
    return plain(slope), plain(curve), seen


def test_second_derivatives_pass_through_the_hooks():
    slope, curve, seen = second(chainrule)
    assert slope == [[400.0, 900.0]]  # (2 y · 2)², (2 y · 3)² at y = 5
    assert curve == [[320.0**2, 480.0**2]]  # ∂(4 y)² = 32 y · (2, 3), squared by the hook on its way through the layer
    assert len(seen) == 2


def test_second_derivatives_like_torch():
    torch = pytest.importorskip("torch")
    assert second(chainrule) == second(torch)


def test_an_output_that_is_no_tensor_is_not_watched():
    class Answer(chainrule.nn.Module):
        def forward(self, x):
            return {"y": x * 2}

    made, x = Answer(), chainrule.ones(1, requires_grad=True)
    made.register_full_backward_hook(lambda m, i, o: note("never"))
    CALLS.clear()
    with pytest.warns(UserWarning, match="For backward hooks to be called, module output should be a Tensor or a tuple of Tensors"):
        answer = made(x)
    answer["y"].sum().backward()
    assert CALLS == [] and x.grad.tolist() == [2.0]


@pytest.mark.parametrize("given", [lambda i: (i[0], i[0]), lambda i: (1, 2)])
def test_too_many_gradients(given):
    with pytest.raises(RuntimeError, match="Backward hook returned an invalid number of grad_input, got 2, but expected 1"):
        run(chainrule, lambda m: m.register_full_backward_hook(lambda m, i, o: given(i)))
    with pytest.raises(RuntimeError, match="Backward pre hook returned an invalid number of grad_output, got 2, but expected 1"):
        run(chainrule, lambda m: m.register_full_backward_pre_hook(lambda m, o: given(o)))


def test_hooks_that_are_called_whatever_happens():
    made, seen = layer(chainrule), []
    made.register_forward_hook(lambda m, i, o: seen.append("always"), always_call=True)
    made.register_forward_hook(lambda m, i, o: seen.append("never"))
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        made(chainrule.ones(1, 5))
    assert seen == ["always"]


def test_under_no_grad_backward_hooks_cost_nothing():
    made = layer(chainrule)
    made.register_full_backward_hook(lambda m, i, o: note("never"))
    with chainrule.no_grad():
        assert not made(chainrule.ones(1, 2, requires_grad=True)).requires_grad


def test_a_module_may_write_into_its_watched_input():
    x = chainrule.tensor([-1.0, 2.0], requires_grad=True)
    relu, seen = chainrule.nn.ReLU(inplace=True), []
    relu.register_forward_hook(lambda m, i, o: seen.append(o.tolist()))
    (relu(x * 1) * 3).sum().backward()
    assert seen == [[0.0, 2.0]] and x.grad.tolist() == [0.0, 3.0]
