"""Functions of functions give what PyTorch's give, nested in each other, over trees of tensors."""

import pytest

import chainrule as cr


def numbers(tree):
    """Nested tensors as nested lists."""
    if isinstance(tree, dict):
        return {key: numbers(value) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [numbers(value) for value in tree]
    return tree.tolist() if hasattr(tree, "tolist") else tree


def model(torch):
    def net(params, x):
        return (torch.tanh(x @ params["w"] + params["b"])).sum()

    w = torch.tensor([[0.5, -1.0], [0.25, 2.0]], dtype=torch.float64)
    return net, {"w": w, "b": torch.tensor([0.1, -0.2], dtype=torch.float64)}


def x(torch, *shape):
    n = 1
    for size in shape:
        n *= size
    return (torch.arange(n, dtype=torch.float64) / n + 0.2).reshape(shape)


USES = {
    "grad": lambda t, f: f.grad(lambda a: a.sin().sum())(x(t, 3)),
    "grad of grad": lambda t, f: f.grad(f.grad(lambda a: a**3))(x(t)),
    "grad at two arguments": lambda t, f: f.grad(lambda a, b: (a * b * b).sum(), argnums=(0, 1))(x(t, 2), x(t, 2) + 1),
    "grad at the second": lambda t, f: f.grad(lambda a, b: (a * b * b).sum(), argnums=1)(x(t, 2), x(t, 2) + 1),
    "grad at the last": lambda t, f: f.grad(lambda a, b: (a * b * b).sum(), argnums=-1)(x(t, 2), x(t, 2) + 1),
    "grad of a tree": lambda t, f: f.grad(model(t)[0])(model(t)[1], x(t, 3, 2)),
    "grad of what does not matter": lambda t, f: f.grad(lambda a, b: a.sum(), argnums=1)(x(t, 2), x(t, 2)),
    "grad and aux": lambda t, f: f.grad(lambda a: ((a * a).sum(), a + 1), has_aux=True)(x(t, 2)),
    "grad and value": lambda t, f: f.grad_and_value(lambda a: (a * a).sum())(x(t, 2)),
    "grad and value and aux": lambda t, f: f.grad_and_value(lambda a: ((a * a).sum(), a), has_aux=True)(x(t, 2)),
    "keyword": lambda t, f: f.grad(lambda a, k: (a * k).sum())(x(t, 2), k=3.0),
    "vjp": lambda t, f: f.vjp(lambda a, b: a * b, x(t, 2), x(t, 2) + 1)[1](x(t, 2)),
    "vjp of a tree": lambda t, f: f.vjp(lambda a: {"s": a.sin(), "c": a.sum()}, x(t, 2))[1]({"s": x(t, 2), "c": x(t)}),
    "vjp twice": lambda t, f: [f.vjp(t.sin, x(t, 2))[1](x(t, 2)) for _ in range(2)],
    "jvp": lambda t, f: f.jvp(lambda a, b: a * b.sin(), (x(t, 2), x(t, 2)), (x(t, 2), x(t, 2) + 1)),
    "jvp and aux": lambda t, f: f.jvp(lambda a: (a.sin(), a), (x(t, 2),), (x(t, 2),), has_aux=True),
    "jacrev": lambda t, f: f.jacrev(lambda a: a.outer(a))(x(t, 2)),
    "jacrev of a tree": lambda t, f: f.jacrev(lambda d: {"o": d["a"] * 2, "p": d["a"].sum()})({"a": x(t, 2)}),
    "jacfwd": lambda t, f: f.jacfwd(lambda a, b: (a * b, a.sum()), argnums=1)(x(t, 2), x(t, 2)),
    "hessian": lambda t, f: f.hessian(lambda a: (a**3).sum() * a[0])(x(t, 3)),
    "vmap": lambda t, f: f.vmap(lambda a, b: a @ b, in_dims=(0, None))(x(t, 3, 2), x(t, 2)),
    "vmap of another axis": lambda t, f: f.vmap(lambda a: a * 2, in_dims=1, out_dims=1)(x(t, 2, 3)),
    "vmap of a tree": lambda t, f: f.vmap(lambda d, b: (d["a"] * b, {"k": d["a"]}), in_dims=({"a": 0}, 1))(
        {"a": x(t, 3)}, x(t, 2, 3)),
    "vmap within vmap": lambda t, f: f.vmap(f.vmap(lambda a, b: a * b, in_dims=(0, None)), in_dims=(None, 0))(x(t, 2), x(t, 3)),
    "gradients per sample": lambda t, f: f.vmap(f.grad(model(t)[0]), in_dims=(None, 0))(model(t)[1], x(t, 3, 2)),
    "Jacobian by vmap": lambda t, f: f.vmap(f.vjp(t.sin, x(t, 3))[1])(t.eye(3, dtype=t.float64)),
    "grad of vmap": lambda t, f: f.grad(lambda a: f.vmap(lambda b: (b * b).sum())(a).sum())(x(t, 3, 2)),
    "Laplacian": lambda t, f: f.vmap(lambda a: f.hessian(lambda b: (b**4).sum())(a).diagonal().sum())(x(t, 3, 2)),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # PyTorch about itself
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_results(use):
    torch = pytest.importorskip("torch")

    def flat(tree):
        if isinstance(tree, dict):
            tree = list(tree.values())
        return [n for part in tree for n in flat(part)] if isinstance(tree, list) else [tree]

    ours, theirs = numbers(use(cr, cr.func)), numbers(use(torch, torch.func))
    assert str(ours).translate(str.maketrans("", "", "0123456789.-e+")) == str(theirs).translate(
        str.maketrans("", "", "0123456789.-e+")
    )  # the same nesting
    assert flat(ours) == pytest.approx(flat(theirs), rel=1e-9, abs=1e-12)


def test_results_have_a_history_only_if_an_argument_has():
    a = cr.tensor([1.0, 2.0])
    assert not cr.func.grad(lambda a: (a * a * a).sum())(a).requires_grad
    a.requires_grad_()
    slope = cr.func.grad(lambda a: (a * a * a).sum())(a)
    slope.sum().backward()
    assert a.grad.tolist() == [6, 12]


def test_per_sample_gradients_of_a_module():
    torch = pytest.importorskip("torch")

    def gradients(t):
        t.manual_seed(0)
        net = t.nn.Sequential(t.nn.Linear(3, 4), t.nn.Tanh(), t.nn.Linear(4, 1))
        params = {name: p.detach() for name, p in net.named_parameters()}

        def loss(params, a, b):
            return t.nn.functional.mse_loss(t.func.functional_call(net, params, (a.unsqueeze(0),)), b.unsqueeze(0))

        return numbers(t.func.vmap(t.func.grad(loss), in_dims=(None, 0, 0))(params, x(t, 5, 3).float(), x(t, 5, 1).float()))

    ours, theirs = gradients(cr), gradients(torch)
    assert list(ours) == list(theirs)
    for name in ours:
        assert cr.tensor(ours[name]).flatten().tolist() == pytest.approx(cr.tensor(theirs[name]).flatten().tolist(), rel=1e-4, abs=1e-6)


def test_an_ensemble():
    models = [cr.nn.Linear(2, 1) for _ in range(3)]
    params, buffers = cr.func.stack_module_state(models)
    assert params["weight"].shape == (3, 1, 2)
    assert params["weight"].requires_grad and buffers == {}
    outputs = cr.func.vmap(lambda p, a: cr.func.functional_call(models[0], p, (a,)), in_dims=(0, None))(params, cr.ones(2))
    assert outputs.tolist() == [m(cr.ones(2)).tolist() for m in models]
    for wrong, words in (
        ([], "Expected at least one model, got 0"),
        ([cr.nn.Linear(1, 1), cr.nn.ReLU()], "of the same class"),
        ([cr.nn.Linear(1, 1), cr.nn.Linear(1, 1).eval()], "same training/eval mode"),
    ):
        with pytest.raises(RuntimeError, match=words):
            cr.func.stack_module_state(wrong)


def test_random_numbers_in_vmap():
    def noisy(a):
        return a + cr.randn(1)

    with pytest.raises(RuntimeError, match="vmap: called random operation while in randomness error mode"):
        cr.func.vmap(noisy)(cr.zeros(3))
    cr.manual_seed(0)
    expected = cr.stack([cr.randn(1) for _ in range(3)])
    cr.manual_seed(0)
    assert cr.func.vmap(noisy, randomness="different")(cr.zeros(3)).tolist() == expected.tolist()
    same = cr.func.vmap(noisy, randomness="same")(cr.zeros(3))
    assert same[0].item() == same[1].item() == same[2].item()


WRONG = {
    "no number": lambda t, f: f.grad(t.sin)(x(t, 2)),
    "no tensor returned": lambda t, f: f.grad(lambda a: 3.0)(x(t, 2)),
    "no tensor": lambda t, f: f.grad(t.sin)(3.0),
    "sizes": lambda t, f: f.vmap(t.dot)(t.ones(2, 3), t.ones(3, 3)),
    "axis": lambda t, f: f.vmap(t.sin, in_dims=2)(t.ones(2)),
    "returns a number": lambda t, f: f.vmap(lambda a: 3)(t.ones(2)),
    "maps a number": lambda t, f: f.vmap(t.sin)(3),
    "randomness": lambda t, f: f.vmap(t.sin, randomness="some")(t.ones(2)),
}


@pytest.mark.parametrize("use", WRONG.values(), ids=WRONG)
def test_errors(use):
    torch = pytest.importorskip("torch")
    with pytest.raises((RuntimeError, ValueError)) as theirs:
        use(torch, torch.func)
    with pytest.raises(type(theirs.value)) as ours:
        use(cr, cr.func)
    text = str(ours.value).splitlines()[0]
    assert text[:60] == str(theirs.value)[:60]


def test_more_errors():
    with pytest.raises(RuntimeError, match="Got argnum=2, but only 1 positional inputs"):
        cr.func.grad(lambda a: a.sum(), argnums=2)(cr.ones(1))
    with pytest.raises(RuntimeError, match="Expected pytree structure of cotangents to be the same as pytree structure of outputs"):
        cr.func.vjp(cr.sin, cr.ones(1))[1](cr.ones(1), cr.ones(1))
    with pytest.raises(ValueError, match="in_dims is not compatible with the structure of `inputs`"):
        cr.func.vmap(lambda a, b: a, in_dims=(0,))(cr.ones(1), cr.ones(1))


# ---------------------------------------------------------------------- compositions, histories, texts


def task_loss(t, w, a, b):
    inner = t.func.grad(lambda w: ((w * a - b) ** 2).mean())
    return ((w - 0.1 * inner(w)) * a - b).pow(2).mean()


NESTED = {
    "no confusion of perturbations": lambda t, f: f.grad(lambda a: a * f.grad(lambda b: a + b)(x(t)))(x(t)),
    "an inner derivative that is constant": lambda t, f: f.grad(lambda a: a * f.grad(lambda b: b * b)(x(t) + 1))(x(t)),
    "third derivative": lambda t, f: f.grad(f.grad(f.grad(lambda a: a**4)))(x(t) + 1),
    "forward over reverse": lambda t, f: f.jacfwd(f.jacrev(lambda a: a.sin() * a.sum()))(x(t, 3)),
    "reverse over forward": lambda t, f: f.jacrev(f.jacfwd(lambda a: a.sin() * a.sum()))(x(t, 3)),
    "Jacobians of a batch": lambda t, f: f.vmap(f.jacrev(lambda w, a: t.tanh(w @ a), argnums=(0, 1)), in_dims=(None, 0))(
        x(t, 2, 3), x(t, 4, 3)),
    "Hessians of a batch": lambda t, f: f.vmap(f.hessian(lambda a: a.sin().prod()))(x(t, 4, 3)),
    "directional derivatives of a batch": lambda t, f: f.vmap(lambda a, v: f.jvp(t.sin, (a,), (v,)))(x(t, 4, 3), x(t, 4, 3)),
    "Hessian times vector": lambda t, f: f.jvp(f.grad(lambda a: a.sin().sum()), (x(t, 3),), (x(t, 3),))[1],
    "vector times Hessian": lambda t, f: f.vjp(f.grad(lambda a: a.sin().sum()), x(t, 3))[1](x(t, 3)),
    "learning to learn": lambda t, f: f.grad(
        lambda w: f.vmap(lambda a, b: task_loss(t, w, a, b))(x(t, 3, 4), x(t, 3, 4) * 2).mean())(x(t, 1)),
    "linearized": lambda t, f: [f.linearize(lambda a: {"s": a.sin(), "t": a.sum()}, x(t, 3))[1](v) for v in (x(t, 3), x(t, 3) * 2)],
    "linearized at two": lambda t, f: f.linearize(lambda a, b: a * b, x(t, 3), x(t, 3) + 1)[1](x(t, 3), x(t, 3)),
    "what recording is off around": lambda t, f: t.no_grad()(f.grad(lambda a: a**2))(x(t)),
    "what recording is off within": lambda t, f: f.grad(lambda a: a**2 - t.no_grad()(lambda: a**2)())(x(t)),
    "functionalized": lambda t, f: f.functionalize(lambda a: a.clone().add_(1))(x(t, 2)),
    "shared by all entries": lambda t, f: f.vmap(lambda a, b: (a * b, b), in_dims=(0, None), out_dims=(0, None))(x(t, 2), x(t)),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")
@pytest.mark.filterwarnings("ignore:Attempted to insert a get_attr Node")  # PyTorch's linearize about itself
@pytest.mark.parametrize("use", NESTED.values(), ids=NESTED)
def test_nested_results(use):
    test_results(use)


def test_a_tensor_outside_with_a_history_is_differentiated_too():
    def slopes(t):
        w, a = x(t, 2).requires_grad_(), x(t, 2) + 1
        found = [
            t.func.grad(lambda a: (a * a * w).sum())(a),
            t.func.vjp(lambda a: a * w, a)[1](a)[0],
            t.func.jvp(lambda a: a * w, (a,), (a,))[1],
            t.func.jacrev(lambda a: a * w)(a),
            t.func.grad_and_value(lambda a: (a * w).sum())(a)[1],
        ]
        assert all(y.requires_grad for y in found)
        return [t.autograd.grad(y.sum(), w)[0].tolist() for y in found]

    def without(t):
        a = x(t, 2)
        y, pull, aux = t.func.vjp(lambda a: (a.sin(), a * 2), a, has_aux=True)
        return [z.requires_grad for z in (y, pull(a)[0], aux, t.func.jacrev(lambda a: a * a)(a))]

    torch = pytest.importorskip("torch")
    assert slopes(cr) == slopes(torch)
    assert without(cr) == without(torch) == [False] * 4


def test_batch_norms_without_memory():
    net = cr.nn.Sequential(cr.nn.Linear(2, 2), cr.nn.BatchNorm1d(2))
    assert cr.func.replace_all_batch_norm_modules_(net) is net
    assert net[1].running_mean is None and net[1].num_batches_tracked is None and not net[1].track_running_stats
    assert net(cr.randn(4, 2)).mean().item() == pytest.approx(0, abs=1e-6)


TEXTS = {
    "out_dims of None": lambda t, f: f.vmap(lambda a: a, out_dims=None)(x(t, 2, 3)),
    "out_dims too large": lambda t, f: f.vmap(lambda a: a, out_dims=3)(x(t, 2, 3)),
    "out_dims nested otherwise": lambda t, f: f.vmap(lambda a: a, out_dims=(0, 1))(x(t, 2, 3)),
    "out_dims of a string": lambda t, f: f.vmap(lambda a: a, out_dims="a")(x(t, 2, 3)),
    "in_dims of a list": lambda t, f: f.vmap(lambda a, b: a, in_dims=[0, 0])(x(t, 2), x(t, 2)),
    "in_dims with a string": lambda t, f: f.vmap(lambda a, b: a, in_dims=(0, "a"))(x(t, 2), x(t, 2)),
    "in_dims that name nothing": lambda t, f: f.vmap(lambda a: a, in_dims=(None,))(x(t, 2)),
    "in_dims too short": lambda t, f: f.vmap(lambda a, b: a, in_dims=(0,))(x(t, 2), x(t, 2)),
    "no inputs": lambda t, f: f.vmap(lambda: 3)(),
    "nothing returned": lambda t, f: f.vmap(lambda a: None)(x(t, 2)),
    "chunk_size": lambda t, f: f.vmap(lambda a: a, chunk_size=0)(x(t, 2)),
    "chunk_size of jacrev": lambda t, f: f.jacrev(lambda a: a, chunk_size=0)(x(t, 2)),
    "randomness of jacfwd": lambda t, f: f.jacfwd(lambda a: a, randomness="some")(x(t, 2)),
    "argnums twice": lambda t, f: f.grad(lambda a, b: a, argnums=(0, 0))(x(t), x(t)),
    "argnums empty": lambda t, f: f.grad(lambda a: a, argnums=())(x(t)),
    "argnums of a string": lambda t, f: f.grad(lambda a: a, argnums="a")(x(t)),
    "argnums with a string": lambda t, f: f.grad(lambda a: a, argnums=(0, "a"))(x(t)),
    "aux": lambda t, f: f.grad(lambda a: a.sum(), has_aux=True)(x(t, 2)),
    "aux of vjp": lambda t, f: f.vjp(lambda a: a, x(t, 2), has_aux=True),
    "no tensor from vjp": lambda t, f: f.vjp(lambda a: 3, x(t, 2)),
    "no tensor from jacrev": lambda t, f: f.jacrev(lambda a: 3)(x(t, 2)),
    "no tensor from jacfwd": lambda t, f: f.jacfwd(lambda a: 3)(x(t, 2)),
    "shape of a cotangent": lambda t, f: f.vjp(t.sin, x(t, 2))[1](x(t, 3)),
    "nesting of cotangents": lambda t, f: f.vjp(lambda a: (a, a), x(t, 2))[1](x(t, 2)),
    "primals no tuple": lambda t, f: f.jvp(t.sin, x(t, 2), x(t, 2)),
    "too many tangents": lambda t, f: f.jvp(t.sin, (x(t, 2),), (x(t, 2), x(t, 2))),
    "shape of a tangent": lambda t, f: f.jvp(t.sin, (x(t, 2),), (x(t, 3),)),
    "no primals": lambda t, f: f.jvp(t.sin, (), ()),
    "strict jvp": lambda t, f: f.jvp(lambda a: t.ones(2), (x(t, 2),), (x(t, 2),), strict=True),
    "shape of a linear tangent": lambda t, f: f.linearize(t.sin, x(t, 2))[1](x(t, 3)),
    "dtype of a linear tangent": lambda t, f: f.linearize(t.sin, x(t, 2))[1](x(t, 2).float()),
    "functionalize": lambda t, f: f.functionalize(t.sin, remove="views")(x(t, 2)),
}


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")
@pytest.mark.filterwarnings("ignore:Attempted to insert a get_attr Node")
@pytest.mark.parametrize("use", TEXTS.values(), ids=TEXTS)
def test_texts(use):
    torch = pytest.importorskip("torch")
    with pytest.raises((RuntimeError, ValueError, IndexError)) as theirs:
        use(torch, torch.func)
    with pytest.raises(type(theirs.value)) as ours:
        use(cr, cr.func)
    assert str(ours.value).splitlines()[0][:70] == str(theirs.value).splitlines()[0][:70]
