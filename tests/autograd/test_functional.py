"""``torch.autograd.functional``: results, strictness and refusals are PyTorch's."""

import pytest

import chainrule as cr


def x(t, n=2):
    return (t.arange(n, dtype=t.float64) + 1) / 2


def two(a, b):
    return a * b, a.sum()


STRICT = {
    "jacobian, no dependence": lambda t, f, **how: f.jacobian(lambda a: t.ones(2), x(t), **how),
    "jacobian, second input": lambda t, f, **how: f.jacobian(lambda a, b: a * 2, (x(t), x(t)), **how),
    "jacobian, linear": lambda t, f, **how: f.jacobian(lambda a: a * 2, x(t), **how),
    "jacobian": lambda t, f, **how: f.jacobian(lambda a: a.sin(), x(t), **how),
    "hessian, linear": lambda t, f, **how: f.hessian(lambda a: a.sum(), x(t), **how),
    "hessian, second input": lambda t, f, **how: f.hessian(lambda a, b: (a**3).sum(), (x(t), x(t)), **how),
    "hessian": lambda t, f, **how: f.hessian(lambda a, b: (a * b).sin().sum(), (x(t), x(t)), **how),
    "vjp, no dependence": lambda t, f, **how: f.vjp(lambda a: t.ones(2), x(t), x(t), **how),
    "vjp, second input": lambda t, f, **how: f.vjp(lambda a, b: a.sin(), (x(t), x(t)), x(t), **how),
    "vjp, linear": lambda t, f, **how: f.vjp(lambda a: a * 2, x(t), x(t), **how),
    "vjp": lambda t, f, **how: f.vjp(two, (x(t), x(t)), (x(t), x(t)[0]), **how),
    "jvp, no dependence": lambda t, f, **how: f.jvp(lambda a: t.ones(2), x(t), x(t), **how),
    "jvp, second input": lambda t, f, **how: f.jvp(lambda a, b: a.sin(), (x(t), x(t)), (x(t), x(t)), **how),
    "jvp, linear output": lambda t, f, **how: f.jvp(two, (x(t), x(t)), (x(t), x(t)), **how),
    "vhp, linear": lambda t, f, **how: f.vhp(lambda a: a.sum(), x(t), x(t), **how),
    "vhp, no dependence": lambda t, f, **how: f.vhp(lambda a: t.ones(()), x(t), x(t), **how),
    "vhp, second input": lambda t, f, **how: f.vhp(lambda a, b: (a**3).sum(), (x(t), x(t)), (x(t), x(t)), **how),
    "hvp": lambda t, f, **how: f.hvp(lambda a: (a**3).sum(), x(t), x(t), **how),
}  # fmt: skip


def outcome(use, t, **how):
    """What comes of it: nested numbers, and which of them have a history; or the error."""

    def shown(tree):
        if isinstance(tree, tuple):
            return [shown(part) for part in tree]
        return [tree.requires_grad, [round(float(v), 8) + 0.0 for v in tree.detach().flatten()], list(tree.shape)]

    try:
        return shown(use(t, t.autograd.functional, **how))
    except Exception as error:
        return [kind(error), str(error).splitlines()[0]]


def kind(error):
    return next(c.__name__ for c in type(error).__mro__ if c.__module__ == "builtins")


@pytest.mark.parametrize("strict", [False, True], ids=["", "strict"])
@pytest.mark.parametrize("create", [False, True], ids=["", "create_graph"])
@pytest.mark.parametrize("use", STRICT.values(), ids=STRICT)
def test_strictness(use, create, strict):
    torch = pytest.importorskip("torch")
    how = {"create_graph": create, "strict": strict}
    assert outcome(use, cr, **how) == outcome(use, torch, **how)


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # PyTorch about itself
@pytest.mark.parametrize("how", [{"vectorize": True}, {"vectorize": True, "strategy": "forward-mode"}], ids=str)
def test_ways_of_finding_a_jacobian_agree(how):
    def use(t, f, **how):
        return f.jacobian(lambda a: a.outer(a).sin(), x(t), **how)

    torch = pytest.importorskip("torch")
    assert outcome(use, cr, **how) == outcome(use, torch, **how) == outcome(use, cr)


WRONG = {
    "an input": lambda t, f: f.jacobian(t.sin, 3.0),
    "one of the inputs": lambda t, f: f.jacobian(t.add, (x(t), 3.0)),
    "an output": lambda t, f: f.jacobian(lambda a: 3, x(t)),
    "one of the outputs": lambda t, f: f.jacobian(lambda a: (a, 3), x(t)),
    "no number": lambda t, f: f.hessian(lambda a: a, x(t)),
    "several": lambda t, f: f.hessian(lambda a: (a.sum(), a.sum()), x(t)),
    "no v": lambda t, f: f.vjp(t.sin, x(t)),
    "no v for jvp": lambda t, f: f.jvp(t.sin, x(t)),
    "too many v": lambda t, f: f.vjp(t.sin, x(t), (x(t), x(t))),
    "too few v": lambda t, f: f.jvp(t.add, (x(t), x(t)), (x(t),)),
    "shape of v": lambda t, f: f.vjp(t.sin, x(t), x(t, 3)),
    "shape of the second v": lambda t, f: f.jvp(t.add, (x(t), x(t)), (x(t), x(t, 3))),
    "type of v": lambda t, f: f.vjp(t.sin, x(t), [1.0, 2.0]),
    "strategy": lambda t, f: f.jacobian(t.sin, x(t), strategy="sideways"),
}


@pytest.mark.parametrize("use", WRONG.values(), ids=WRONG)
def test_refusals(use):
    torch = pytest.importorskip("torch")
    ours, theirs = outcome(use, cr), outcome(use, torch)
    assert ours[0] == theirs[0] and ours[1][:100] == theirs[1][:100]
