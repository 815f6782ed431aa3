"""Parameter groups, state dicts, steps with closures and hooks, and what an optimizer may not be given."""

import copy
import pickle

import numpy as np
import pytest

import chainrule
from chainrule import optim, tensor
from tests.optim.cases import CASES, NAMES, spelled


def leaf(*entries):
    return tensor(list(entries), requires_grad=True)


def train(optimizer, params, steps, seed=1):
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        for p in params:
            p.grad = tensor(rng.standard_normal(tuple(p.shape)), dtype=p.dtype)
        optimizer.step()


def parameters(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [tensor(rng.standard_normal(s), requires_grad=True) for s in shapes]


@pytest.mark.parametrize("case", CASES, ids=spelled)
def test_a_run_can_be_interrupted(case):
    """Save after three steps, load into a new optimizer over copies, go on: the same parameters as without a break."""
    name, how = case
    shapes = [(3,), (2, 2), (9000,)]
    whole = parameters(*shapes)
    optimizer = getattr(optim, name)(whole, **how)
    train(optimizer, whole, 3)
    saved, values = copy.deepcopy(optimizer.state_dict()), [p.detach().clone() for p in whole]
    train(optimizer, whole, 3, seed=2)
    resumed = [v.requires_grad_() for v in values]
    other = getattr(optim, name)(resumed, **how)
    other.load_state_dict(pickle.loads(pickle.dumps(saved)))
    train(other, resumed, 3, seed=2)
    for a, b in zip(whole, resumed):
        assert a.tolist() == b.tolist()


def test_loading_takes_the_settings_and_leaves_the_saved_state_alone():
    a, b = leaf(1.0), leaf(1.0)
    first = optim.Adam([a], lr=0.5)
    train(first, [a], 2)
    state = first.state_dict()
    second = optim.Adam([b], lr=0.1)
    second.load_state_dict(state)
    assert second.param_groups[0]["lr"] == 0.5
    before = state["state"][0]["exp_avg"].tolist()
    train(second, [b], 2)
    assert state["state"][0]["exp_avg"].tolist() == before


def test_a_state_without_newer_settings_gets_their_defaults():
    a = leaf(1.0)
    optimizer = optim.Adam([a])
    state = optimizer.state_dict()
    for name in ("maximize", "decoupled_weight_decay", "fused"):
        del state["param_groups"][0][name]
    optimizer.load_state_dict(state)
    train(optimizer, [a], 1)
    assert optimizer.param_groups[0]["maximize"] is False


def test_a_state_that_does_not_fit():
    optimizer = optim.Adam([leaf(1.0)])
    with pytest.raises(ValueError, match="loaded state dict has a different number of parameter groups"):
        optimizer.load_state_dict(optim.Adam([{"params": [leaf(1.0)]}, {"params": [leaf(2.0)]}]).state_dict())
    with pytest.raises(ValueError, match="loaded state dict contains a parameter group that doesn't match the size of optimizer's group\n"
                                         "  why: the state has 2 parameters where this optimizer has 1"):  # fmt: skip
        optimizer.load_state_dict(optim.Adam([leaf(1.0), leaf(2.0)]).state_dict())


def test_state_dict_shares_memory_with_the_optimizer():
    w = leaf(1.0)
    optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
    train(optimizer, [w], 1)
    buffer = optimizer.state_dict()["state"][0]["momentum_buffer"]
    before = buffer.item()
    train(optimizer, [w], 1, seed=5)
    assert buffer.item() != before and optimizer.state[w]["momentum_buffer"] is buffer


def test_forgetting_the_state_starts_afresh():
    a, b = leaf(1.0, 2.0), leaf(1.0, 2.0)
    optimizer = optim.Adam([a], lr=0.1)
    train(optimizer, [a], 3)
    with chainrule.no_grad():
        a.copy_(b)
    optimizer.state.clear()
    train(optimizer, [a], 2)
    train(optim.Adam([b], lr=0.1), [b], 2)
    assert a.tolist() == b.tolist()


def test_settings_may_change_between_steps():
    a, b = leaf(1.0, 2.0), leaf(1.0, 2.0)
    optimizer = optim.SGD([a], lr=0.1)
    train(optimizer, [a], 2)
    optimizer.param_groups[0].update(momentum=0.9, lr=0.2)
    train(optimizer, [a], 2, seed=2)
    train(optim.SGD([b], lr=0.1), [b], 2)
    train(optim.SGD([b], lr=0.2, momentum=0.9), [b], 2, seed=2)
    assert a.tolist() == b.tolist()


def test_groups():
    a, b, c = leaf(1.0), leaf(1.0), leaf(1.0)
    optimizer = optim.SGD([{"params": [a]}, {"params": b, "lr": 1.0}], lr=0.1)
    for p in (a, b, c):
        p.grad = tensor([1.0])
    optimizer.step()
    assert (a.item(), b.item(), c.item()) == (pytest.approx(0.9), 0.0, 1.0)
    optimizer.add_param_group({"params": [c], "lr": 0.5})
    optimizer.step()
    assert c.item() == 0.5 and [g["lr"] for g in optimizer.param_groups] == [0.1, 1.0, 0.5]
    with pytest.raises(ValueError, match="some parameters appear in more than one parameter group"):
        optimizer.add_param_group({"params": [a]})


def test_named_parameters():
    model = chainrule.nn.Linear(2, 1)
    optimizer = optim.SGD(model.named_parameters(), lr=0.1)
    assert optimizer.param_groups[0]["param_names"] == ["weight", "bias"]
    assert optimizer.state_dict()["param_groups"][0]["params"] == [0, 1]


def test_duplicates_are_warned_about():
    w = leaf(1.0)
    with pytest.warns(UserWarning, match="optimizer contains a parameter group with duplicate parameters"):
        optim.SGD([w, w], lr=0.1)


def test_closure_and_hooks():
    w, events = leaf(3.0), []
    optimizer = optim.SGD([w], lr=0.5)
    before = optimizer.register_step_pre_hook(lambda o, args, kwargs: events.append(("before", w.item())))
    optimizer.register_step_post_hook(lambda o, args, kwargs: events.append(("after", w.item())))

    def closure():
        optimizer.zero_grad()
        loss = (w**2).sum()
        loss.backward()
        return loss

    with chainrule.no_grad():
        assert optimizer.step(closure).item() == 9.0  # the closure records, whatever holds outside
    before.remove()
    optimizer.step(closure)
    assert events == [("before", 3.0), ("after", 0.0), ("after", 0.0)]


def test_zero_grad():
    w = leaf(1.0)
    w.grad = tensor([5.0])
    kept = w.grad
    optimizer = optim.SGD([w], lr=0.1)
    optimizer.zero_grad(set_to_none=False)
    assert w.grad is kept and kept.item() == 0.0
    optimizer.zero_grad()
    assert w.grad is None


def test_a_step_counts_as_a_write_and_leaves_the_parameter_a_leaf():
    for name in NAMES:
        w = leaf(1.0)
        y = w**2
        optimizer = getattr(optim, name)([w])
        w.grad = tensor([1.0])
        optimizer.step()
        assert w.is_leaf and w.requires_grad
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            y.backward()


def test_a_parameter_that_changed_its_shape_or_dtype():
    w = leaf(1.0, 2.0)
    optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
    train(optimizer, [w], 1)
    w.data = w.data.double()
    w.grad = None
    optimizer.state.clear()
    train(optimizer, [w], 1)
    assert w.dtype is chainrule.float64


def test_an_optimizer_of_ones_own():
    class SignSGD(optim.Optimizer):
        def __init__(self, params, lr=0.1):
            super().__init__(params, {"lr": lr})

        def step(self, closure=None):
            with chainrule.no_grad():
                for group in self.param_groups:
                    for p in group["params"]:
                        state = self.state[p]
                        state["step"] = state.get("step", 0) + 1
                        p.add_(p.grad.sign(), alpha=-group["lr"])

    w = leaf(1.0)
    optimizer = SignSGD([w])
    w.grad = tensor([-7.0])
    optimizer.step()
    assert w.item() == pytest.approx(1.1) and optimizer.state_dict()["state"] == {0: {"step": 1}}
    assert repr(optimizer) == "SignSGD (\nParameter Group 0\n    lr: 0.1\n)"


class Flat(optim.Optimizer):
    """θ ← θ − lr · sign(g), as an update rule of flat arrays."""

    state_names = ("signs",)

    def __init__(self, params, lr=0.1):
        super().__init__(params, {"lr": lr})

    def update(self, p, g, s, group, t):
        s["signs"] += np.sign(g)
        return group["lr"] * np.sign(g)


def test_a_rule_of_ones_own_gets_pieces_of_large_parameters():
    a, b = tensor(np.ones(40_000), requires_grad=True), leaf(1.0)
    optimizer = Flat([a, b])
    train(optimizer, [a, b], 3)
    assert set(np.unique(np.round(a.detach().numpy(), 6))) <= {0.7, 0.9, 1.1, 1.3}
    assert set(np.unique(optimizer.state[a]["signs"].numpy())) <= {-3.0, -1.0, 1.0, 3.0}


BAD = {
    "no parameters": (lambda o, t: o.SGD([], lr=0.1), ValueError, "optimizer got an empty parameter list"),
    "a tensor": (lambda o, t: o.SGD(t.ones(2), lr=0.1), TypeError, "params argument given to the optimizer should be an iterable of Tensors or dicts, but got"),
    "a computed tensor": (lambda o, t: o.SGD([t.ones(2, requires_grad=True) * 2], lr=0.1), ValueError, "can't optimize a non-leaf Tensor"),
    "a number": (lambda o, t: o.SGD([3.0], lr=0.1), TypeError, "optimizer can only optimize Tensors, but one of the params is float"),
    "a set": (lambda o, t: o.SGD([{"params": {t.ones(1)}}], lr=0.1), TypeError, "optimizer parameters need to be organized in ordered collections"),
    "a group that is no dict": (lambda o, t: o.SGD([t.ones(1)], lr=0.1).add_param_group([t.ones(1)]), TypeError, "param_group must be a dict, but got <class 'list'>"),
    **{f"{name}: learning rate": (lambda o, t, name=name: getattr(o, name)([t.ones(1)], lr=-0.1), ValueError, "Invalid learning rate: -0.1") for name in NAMES if name != "Adafactor"},
    **{f"{name}: weight decay": (lambda o, t, name=name: getattr(o, name)([t.ones(1)], weight_decay=-1), ValueError, "Invalid weight_decay value: -1") for name in NAMES if name not in ("Rprop", "Adafactor")},
    **{f"{name}: betas": (lambda o, t, name=name: getattr(o, name)([t.ones(1)], betas=(0.9, 1.0)), ValueError, "Invalid beta parameter at index 1: 1.0") for name in ("Adam", "AdamW", "Adamax", "NAdam", "RAdam")},
    "SGD: momentum": (lambda o, t: o.SGD([t.ones(1)], momentum=-1), ValueError, "Invalid momentum value: -1"),
    "SGD: nesterov": (lambda o, t: o.SGD([t.ones(1)], nesterov=True), ValueError, "Nesterov momentum requires a momentum and zero dampening"),
    "Adam: eps": (lambda o, t: o.Adam([t.ones(1)], eps=-1), ValueError, "Invalid epsilon value: -1"),
    "Adadelta: rho": (lambda o, t: o.Adadelta([t.ones(1)], rho=2), ValueError, "Invalid rho value: 2"),
    "Rprop: etas": (lambda o, t: o.Rprop([t.ones(1)], etas=(1.5, 2)), ValueError, "Invalid eta values: 1.5, 2"),
    "LBFGS: groups": (lambda o, t: o.LBFGS([{"params": [t.ones(1)]}, {"params": [t.ones(2)]}]), ValueError, "LBFGS doesn't support per-parameter options (parameter groups)"),
    "LBFGS: learning rate": (lambda o, t: o.LBFGS([t.ones(1)], lr=-1), ValueError, "Invalid learning rate: -1"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name):
    call, error, words = BAD[name]
    with pytest.raises(error) as raised:
        call(optim, chainrule)
    assert str(raised.value).startswith(words)


@pytest.mark.parametrize("name", BAD)
def test_bad_input_like_torch(name):
    torch = pytest.importorskip("torch")
    call, error, words = BAD[name]
    with pytest.raises(error) as raised:
        call(torch.optim, torch)
    assert str(raised.value).startswith(words), "the words that are asserted here are PyTorch's"


def test_the_errors_say_what_to_write_instead():
    with pytest.raises(ValueError, match="instead: optim.SGD\\(model.parameters\\(\\), lr=0.01\\), with submodules in nn.ModuleList"):
        optim.SGD(iter([]), lr=0.1)
    with pytest.raises(ValueError, match="why: it was computed, by MulBackward0, so gradients do not collect in it\n  instead: .*detach"):
        optim.SGD([leaf(1.0) * 2], lr=0.1)
    with pytest.raises(NotImplementedError, match="differentiable=True.*\n.*\n  instead: write the update"):
        optim.SGD([leaf(1.0)], lr=0.1, differentiable=True)
