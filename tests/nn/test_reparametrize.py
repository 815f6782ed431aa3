"""Parameters made of others, pruned parameters, and modules run with other tensors, against PyTorch."""

import copy

import numpy as np
import pytest

for part in ("parametrize", "prune", "stateless"):
    pytest.importorskip(f"torch.nn.utils.{part}")

from tests.nn.against import BOTH, close, numbers  # noqa: E402


def symmetric(names):
    class Symmetric(names["nn"].Module):
        def forward(self, w):
            return w.triu() + w.triu(1).T

        def right_inverse(self, w):
            return w.triu()

    return Symmetric()


def layer(names, *sizes):
    names["torch"].manual_seed(0)
    return names["nn"].Linear(*(sizes or (3, 3)))


def states(m):
    return {k: v.detach() for k, v in m.state_dict().items()}


def same_states(found, rtol=2e-5):
    ours, theirs = found
    assert list(ours) == list(theirs)
    for key, value in ours.items():
        close(value, theirs[key], key, rtol)


def test_a_parametrization():
    found = []
    for names in BOTH:
        m, P = layer(names), names["nn"].utils.parametrize
        P.register_parametrization(m, "weight", symmetric(names))
        x = names["torch"].tensor(numbers((2, 3)))
        m(x).sum().backward()
        with P.cached():
            assert m.weight is m.weight
        assert m.weight is not m.weight
        text, grad = repr(m), m.parametrizations.weight.original.grad
        assert P.is_parametrized(m, "weight") and not P.is_parametrized(m, "bias")
        assert P.type_before_parametrizations(m) is names["nn"].Linear
        m.weight = names["torch"].eye(3) * 2
        other = copy.deepcopy(m)
        other.weight = names["torch"].eye(3)
        assert m.weight.tolist()[0][0] == 2
        P.register_parametrization(m, "weight", names["nn"].Identity())
        before = states(m)
        with pytest.raises(RuntimeError, match="parametrization Identity does not implement right_inverse"):
            m.weight = names["torch"].eye(3)
        P.remove_parametrizations(m, "weight")
        found.append((text, repr(m), type(m).__name__, grad, before, states(m)))
    ours, theirs = found
    assert ours[:3] == theirs[:3]
    close(ours[3], theirs[3], "gradient of the original")
    same_states((ours[4], theirs[4]))
    same_states((ours[5], theirs[5]))


def test_parametrizations_that_cannot_be():
    for names in BOTH:
        m, P = layer(names, 3, 2), names["nn"].utils.parametrize
        with pytest.raises(ValueError, match="does not have a parameter, a buffer, or a parametrized element with name"):
            P.register_parametrization(m, "nope", names["nn"].Identity())
        with pytest.raises(ValueError, match="Registering a parametrization may not change the shape of the tensor"):
            P.register_parametrization(m, "weight", names["nn"].Linear(3, 4))
        with pytest.raises(ValueError, match="does not have a parametrization on weight"):
            P.remove_parametrizations(m, "weight")


@pytest.mark.parametrize("name", ["weight_norm", "spectral_norm"])
def test_ready_made_parametrizations(name):
    found = []
    for names in BOTH:
        m = getattr(names["nn"].utils.parametrizations, name)(layer(names, 3, 2))
        y = m(names["torch"].tensor(numbers((2, 3))))
        y.sum().backward()
        found.append((repr(m), states(m), y, [p.grad for p in m.parameters()]))
    ours, theirs = found
    assert ours[0] == theirs[0]
    same_states((ours[1], theirs[1]))
    close(ours[2], theirs[2], "output")
    for a, b in zip(ours[3], theirs[3]):
        close(a, b, "gradient")


@pytest.mark.parametrize("trivial", [True, False])
@pytest.mark.parametrize("how", ["matrix_exp", "cayley", "householder", None])
@pytest.mark.parametrize("sizes", [(3, 3), (3, 5), (5, 3)])
def test_orthogonal_weights(sizes, how, trivial):
    found = []
    for names in BOTH:
        orthogonal = names["nn"].utils.parametrizations.orthogonal
        m = orthogonal(layer(names, *sizes), orthogonal_map=how, use_trivialization=trivial)
        w = m.weight
        g = (w @ w.T if sizes[0] >= sizes[1] else w.T @ w).detach().numpy()
        np.testing.assert_allclose(g, np.eye(min(sizes)), atol=1e-5)
        found.append(w)
    close(*found, "weight", 1e-4, 1e-5)


@pytest.mark.parametrize("name", ["weight_norm", "spectral_norm"])
@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated")
def test_norms_by_hooks(name):
    found = []
    for names in BOTH:
        utils = names["nn"].utils
        m = getattr(utils, name)(layer(names, 3, 2))
        y = m(names["torch"].tensor(numbers((2, 3))))
        y.sum().backward()
        before = states(m)
        with pytest.raises(RuntimeError, match="Cannot register two"):
            getattr(utils, name)(m)
        getattr(utils, f"remove_{name}")(m)
        found.append((before, states(m), y))
        with pytest.raises(ValueError, match="not found in"):
            getattr(utils, f"remove_{name}")(m)
    same_states((found[0][0], found[1][0]))
    same_states((found[0][1], found[1][1]))
    close(found[0][2], found[1][2], "output")


PRUNING = {
    "l1": lambda p, m: p.l1_unstructured(m, "weight", amount=3),
    "l1 twice": lambda p, m: p.l1_unstructured(p.l1_unstructured(m, "weight", amount=2), "weight", amount=0.5),
    "random": lambda p, m: p.random_unstructured(m, "weight", amount=0.5),
    "rows": lambda p, m: p.ln_structured(m, "weight", amount=0.5, n=2, dim=0),
    "rows twice": lambda p, m: p.ln_structured(
        p.ln_structured(m, "weight", amount=1, n=1, dim=0), "weight", amount=1, n=1, dim=0
    ),
    "random columns": lambda p, m: p.random_structured(m, "weight", amount=2, dim=1),
    "nothing": lambda p, m: p.identity(m, "weight"),
}


@pytest.mark.parametrize("name", PRUNING)
def test_pruning(name):
    found = []
    for names in BOTH:
        prune = names["nn"].utils.prune
        m = PRUNING[name](prune, layer(names, 3, 4))
        y = m(names["torch"].tensor(numbers((2, 3))))
        y.sum().backward()
        assert prune.is_pruned(m) and [n for n, _ in m.named_parameters()] == ["bias", "weight_orig"]
        before, grad = states(m), m.weight_orig.grad
        prune.remove(m, "weight")
        assert not prune.is_pruned(m) and isinstance(m.weight, names["nn"].Parameter)
        found.append((before, states(m), y, grad))
    same_states((found[0][0], found[1][0]))
    same_states((found[0][1], found[1][1]))
    close(found[0][2], found[1][2], "output")
    close(found[0][3], found[1][3], "gradient")


def test_pruning_several_together():
    found = []
    for names in BOTH:
        prune = names["nn"].utils.prune
        m = names["nn"].Sequential(layer(names, 3, 4), layer(names, 4, 2))
        prune.global_unstructured([(m[0], "weight"), (m[1], "weight")], prune.L1Unstructured, amount=5)
        prune.custom_from_mask(m[0], "bias", names["torch"].tensor([1, 0, 0, 1]))
        found.append(states(m))
    same_states(found)


@pytest.mark.parametrize("amount", [1.5, 9, -1, "a"])
def test_amounts_that_cannot_be_pruned(amount):
    said = []
    for names in BOTH:
        with pytest.raises((ValueError, TypeError)) as error:
            names["nn"].utils.prune.l1_unstructured(layer(names, 2, 2), "weight", amount=amount)
        said.append((error.type, str(error.value)))
    assert said[0] == said[1]


def test_pruning_is_removed_only_where_it_is():
    for names in BOTH:
        with pytest.raises(ValueError, match="has to be pruned before pruning can be removed"):
            names["nn"].utils.prune.remove(layer(names), "weight")


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.stateless.functional_call` is deprecated")  # PyTorch's
def test_a_module_run_with_other_tensors():
    found = []
    for names in BOTH:
        torch, m = names["torch"], layer(names, 2, 1)
        call = names["nn"].utils.stateless.functional_call
        w = torch.tensor([[2.0, 3.0]], requires_grad=True)
        y = call(m, {"weight": w}, (torch.ones(1, 2),))
        y.sum().backward()
        found.append((y, w.grad))
        assert m.weight.grad is None and m(torch.ones(1, 2)).shape == (1, 1)
    close(found[0][0], found[1][0], "output")
    close(found[0][1], found[1][1], "gradient")


def test_names_that_a_module_does_not_have():
    torch, m = BOTH[0]["torch"], layer(BOTH[0], 2, 1)
    call = BOTH[0]["nn"].utils.stateless.functional_call
    with pytest.raises(AttributeError, match="Linear has no attribute `weigth`"):
        call(m, {"weigth": torch.ones(1, 2)}, torch.ones(1, 2))
    with pytest.raises(RuntimeError, match="Error\\(s\\) in reparametrizing for Linear"):
        call(m, {"weight": torch.ones(1, 2)}, torch.ones(1, 2), strict=True)
    with pytest.raises(ValueError, match="appears in multiple dictionaries"):
        call(m, ({"weight": torch.ones(1, 2)}, {"weight": torch.ones(1, 2)}), torch.ones(1, 2))


def test_modules_made_without_drawing():
    torch = BOTH[0]["torch"]
    torch.manual_seed(0)
    expected = torch.rand(2)
    torch.manual_seed(0)
    assert torch.nn.utils.skip_init(torch.nn.Linear, 2, 3).weight.shape == (3, 2)
    assert torch.rand(2).tolist() == expected.tolist()


@pytest.mark.parametrize("sizes", [(4, 2), (2, 4), (5, 3), (3, 3)])
@pytest.mark.parametrize("how", ["matrix_exp", "cayley", "householder"])
def test_orthogonal_weights_draw_and_learn_as_pytorch_s(sizes, how):
    def losses(names):
        torch, m = names["torch"], names["nn"].utils.parametrizations.orthogonal(layer(names, *sizes), orthogonal_map=how)
        optimizer, x = torch.optim.SGD(m.parameters(), lr=0.01), torch.randn(8, sizes[0])  # x: drawn after the weight's
        for _ in range(3):
            loss = (m(x) - 1).pow(2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            yield loss.item()

    ours, theirs = (list(losses(names)) for names in BOTH)
    assert ours == pytest.approx(theirs, rel=1e-4)
