"""What a program sees when it looks at the graph: names, edges, what a node keeps, remarks, hooks."""

import pytest

import chainrule as cr

NAMES = {
    "a function": lambda t, x: x.exp(),
    "an operator": lambda t, x: x + 1,
    "a number's cumsum": lambda t, x: x[0].cumsum(0),
    "a number's cumprod": lambda t, x: x[0].cumprod(0),
    "a number's prod along an axis": lambda t, x: x[0].prod(0),
    "addmv": lambda t, x: t.addmv(x, t.eye(3), x),
    "addr": lambda t, x: t.addr(t.eye(3), x, x),
    "addbmm": lambda t, x: t.addbmm(t.eye(3), x.expand(1, 3, 3), x.expand(1, 3, 3)),
    "kron": lambda t, x: t.kron(x, x),
    "cross": lambda t, x: t.cross(x, x, dim=0),
    "var_mean, first": lambda t, x: t.var_mean(x)[0],
    "var_mean, second": lambda t, x: t.var_mean(x)[1],
    "std_mean": lambda t, x: t.std_mean(x)[0],
    "quantile": lambda t, x: t.quantile(x, 0.3),
    "quantile along an axis": lambda t, x: t.quantile(x, 0.3, dim=0),
    "aminmax, first": lambda t, x: t.aminmax(x)[0],
    "aminmax, second": lambda t, x: t.aminmax(x)[1],
    "mvlgamma": lambda t, x: t.mvlgamma(x + 2, 2),
    "dist": lambda t, x: t.dist(x, x + 1),
    "cdist": lambda t, x: t.cdist(x[None], x[None] + 1),
    "pdist": lambda t, x: t.nn.functional.pdist(x[:, None]),
    "matrix_exp": lambda t, x: t.matrix_exp(t.outer(x, x)),
    "cholesky_solve": lambda t, x: t.cholesky_solve(x[:, None], t.eye(3)),
    "householder_product": lambda t, x: t.linalg.householder_product(t.outer(x, x), x),
    "a written region": lambda t, x: written(x.clone()),
    "max of two": lambda t, x: t.max(x, x + 1),
}


def written(y):
    y[0] = 1.0
    return y


def ones(t):
    return t.tensor([0.5, 1.0, 2.0], requires_grad=True)


@pytest.mark.parametrize("make", NAMES.values(), ids=NAMES)
def test_names_are_torchs(make):
    torch = pytest.importorskip("torch")
    ours, theirs = (make(t, ones(t)).grad_fn for t in (cr, torch))
    assert ours.name() == theirs.name()
    assert type(ours).__name__ == type(theirs).__name__


def test_the_class_has_the_name_and_stays_a_node():
    y = ones(cr) * 2
    kind = type(y.grad_fn)
    assert kind.__name__ == "MulBackward0" and isinstance(y.grad_fn, cr.autograd.graph.Node)
    assert type((y * 3).grad_fn) is kind  # one class for all nodes of a name
    y.sum().backward()  # a node that was looked at works like one that was not


def test_edges_lead_to_nodes_with_names():
    x = ones(cr)
    first, rest = (x.exp() * x).grad_fn.next_functions
    assert type(first[0]).__name__ == "ExpBackward0" and first[1] == 0
    assert type(rest[0]).__name__ == "AccumulateGrad" and rest[0].variable is x
    assert (x + 1).grad_fn.next_functions[1] == (None, 0)
    values, places = x.topk(2)
    assert (values * 2).grad_fn.next_functions[0][0] is values.grad_fn


def test_a_custom_function_has_its_own():
    class Twice(cr.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.factor = 2
            ctx.save_for_backward(x)
            return x * ctx.factor

        @staticmethod
        def backward(ctx, g):
            return g * ctx.factor

    y = Twice.apply(ones(cr))
    assert type(y.grad_fn).__name__ == "TwiceBackward" and y.grad_fn.factor == 2
    assert y.grad_fn.saved_tensors[0].tolist() == [0.5, 1, 2]


def test_what_a_node_keeps():
    torch = pytest.importorskip("torch")
    for make, names in (
        (lambda x: x * x.exp(), ("self", "other")),
        (lambda x: x.exp(), ("result",)),
        (lambda x: x**2, ("self", "exponent")),
        (lambda x: x * 3, ("self",)),
        (lambda x: x.sum(0, keepdim=True), ("keepdim",)),
    ):
        ours, theirs = make(ones(cr)).grad_fn, make(ones(torch)).grad_fn
        for name in names:
            a, b = getattr(ours, f"_saved_{name}"), getattr(theirs, f"_saved_{name}")
            a, b = a.tolist() if isinstance(a, cr.Tensor) else a, b.tolist() if isinstance(b, torch.Tensor) else b
            assert a == pytest.approx(b)


def test_what_a_node_keeps_is_listed_and_goes_with_the_backward_pass():
    x = ones(cr)
    node = (x * x).grad_fn
    assert node._saved_self is x
    assert [name for name in dir(node) if name.startswith("_saved_")] == ["_saved_other", "_saved_self"]
    with pytest.raises(AttributeError, match="'MulBackward0' object has no attribute '_saved_weights'"):
        _ = node._saved_weights
    with pytest.raises(AttributeError, match="'MulBackward0' object has no attribute 'weights'"):
        _ = node.weights
    y = x * x
    node = y.grad_fn
    y.sum().backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        _ = node._saved_self


def test_remarks_on_a_node():
    y = ones(cr) * 2
    y.grad_fn.metadata["seen"] = True
    assert y.grad_fn.metadata == {"seen": True}
    assert (y * 2).grad_fn.metadata == {}


def test_hooks_of_a_node():
    x = ones(cr)
    y = x * 2
    seen = []
    y.grad_fn.register_prehook(lambda gradients: seen.append(len(gradients)))
    handle = y.grad_fn.register_hook(lambda inputs, outputs: (inputs[0] * 10, inputs[1]))
    y.sum().backward(retain_graph=True)
    assert x.grad.tolist() == [20, 20, 20] and seen == [1]
    handle.remove()
    y.sum().backward()
    assert x.grad.tolist() == [22, 22, 22]


def test_recording_makes_plain_nodes():
    """Nodes get their names when they are looked at; until then all are of one class, which is the cheapest to make."""
    from chainrule.graph.value import Node

    x = ones(cr)
    assert {type((x * 2).node), type(x.exp().node), type(x.sum().node)} == {Node}
