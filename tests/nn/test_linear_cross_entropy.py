"""The last layer and its loss in one: PyTorch's numbers, parameters, repr and errors."""

import numpy as np
import pytest

import chainrule

CASES = {
    "classes": ((4, 3), (5, 3), lambda t: t([0, 1, -100, 2]), {}),
    "one sample": ((3,), (5, 3), lambda t: t(2), {}),
    "ignored": ((4, 3), (5, 3), lambda t: t([0, 1, 1, 2]), {"ignore_index": 1, "reduction": "none"}),
    "probabilities": ((2, 3), (2, 3), lambda t: t([[0.5, 0.5], [0.1, 0.9]]), {"label_smoothing": 0.1}),
    "more axes": ((2, 3), (5, 2, 2, 3), lambda t: t([[[0, 1], [2, 3]], [[4, 0], [1, 2]]]), {"reduction": "sum"}),
}


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_losses_and_gradients(name, bias):
    torch = pytest.importorskip("torch")
    shape, weights, target, how = CASES[name]
    found = []
    for lib in (chainrule, torch):
        rng = np.random.default_rng(0)
        x, w, b, classes = (
            lib.tensor(rng.standard_normal(s), requires_grad=True) for s in (shape, weights, weights[:-1], weights[:1])
        )
        loss = lib.nn.functional.linear_cross_entropy(
            x, w, target(lib.tensor).double() if name == "probabilities" else target(lib.tensor),
            linear_bias=b if bias else None, weight=classes.detach().abs(), **how,
        )  # fmt: skip
        loss.sum().backward()
        found.append([loss.tolist(), x.grad.tolist(), w.grad.tolist(), *([b.grad.tolist()] if bias else [])])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("how", [{}, {"bias": True}, {"out_features": (2, 2), "bias": True, "label_smoothing": 0.1, "reduction": "sum"}], ids=str)
def test_the_module(how):
    torch = pytest.importorskip("torch")
    found = []
    for lib in (chainrule, torch):
        lib.manual_seed(0)
        module = lib.nn.LinearCrossEntropyLoss(3, 5, weight=lib.ones(5), **how)
        x, target = lib.randn(4, 3), lib.randint(0, 5, (4, *how.get("out_features", ())))
        found.append((repr(module), {k: tuple(v.shape) for k, v in module.state_dict().items()}, module(x, target).item()))
    assert found[0][:2] == found[1][:2]
    assert found[0][2] == pytest.approx(found[1][2], rel=1e-5)


WRONG = {
    "length": lambda F, lib: F.linear_cross_entropy(lib.ones(4, 3), lib.ones(5, 4), lib.tensor([0, 1, 1, 2])),
    "three axes": lambda F, lib: F.linear_cross_entropy(lib.ones(2, 3, 3), lib.ones(5, 3), lib.tensor([0, 1])),
    "a vector": lambda F, lib: F.linear_cross_entropy(lib.ones(4, 3), lib.ones(5), lib.tensor([0, 1, 1, 2])),
    "no batch": lambda F, lib: F.linear_cross_entropy(lib.ones(3), lib.ones(5, 2, 3), lib.tensor([0, 1])),
    "bias": lambda F, lib: F.linear_cross_entropy(lib.ones(4, 3), lib.ones(5, 3), lib.tensor([0, 1, 1, 2]), linear_bias=lib.ones(4)),
    "index": lambda F, lib: F.linear_cross_entropy(lib.ones(4, 3), lib.ones(5, 3), lib.ones(4, 5), ignore_index=1),
    "reduction": lambda F, lib: F.linear_cross_entropy(lib.ones(1, 3), lib.ones(5, 3), lib.tensor([0]), reduction="x"),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_errors(wrong):
    torch = pytest.importorskip("torch")
    said = []
    for lib in (torch, chainrule):
        with pytest.raises((RuntimeError, ValueError)) as caught:
            wrong(lib.nn.functional, lib)
        said.append((str(caught.value).splitlines()[0], caught.type))
    assert said[0][0] == said[1][0] and issubclass(said[1][1], said[0][1])


def test_pieces_are_refused():
    with pytest.raises(NotImplementedError, match="options=None, which gives the same loss and gradients"):
        chainrule.nn.functional.linear_cross_entropy(chainrule.ones(1, 3), chainrule.ones(5, 3), chainrule.tensor([0]), options=object())
