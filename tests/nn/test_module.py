"""Registering, finding, replacing, moving, saving and loading: the answers and errors of `Module`, against PyTorch's."""

import copy

import pytest

pytest.importorskip("torch")

from tests.nn.against import BOTH, numbers  # noqa: E402


def net(names):
    """A model with a layer, a norm, a parameter of its own, and buffers that are saved and not."""
    nn, torch = names["nn"], names["torch"]

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(2, 3)
            self.register_buffer("b", torch.zeros(2))
            self.register_buffer("c", torch.zeros(1), persistent=False)
            self.p = nn.Parameter(torch.ones(2))
            self.register_parameter("q", None)
            self.bn = nn.BatchNorm1d(3)

        def forward(self, x):
            return self.bn(self.fc(x))

    torch.manual_seed(0)
    return Net()


def broken_state(names):
    state = net(names).state_dict()
    state["extra"] = names["torch"].ones(1)
    del state["fc.weight"]
    state["fc.bias"] = names["torch"].ones(5)
    return state


STEPS = {
    "repr": lambda n, m: m,
    "state": lambda n, m: list(m.state_dict()),
    "buffers": lambda n, m: [k for k, _ in m.named_buffers()],
    "parameters": lambda n, m: [k for k, _ in m.named_parameters()],
    "own parameters": lambda n, m: [k for k, _ in m.named_parameters(recurse=False)],
    "children": lambda n, m: [k for k, _ in m.named_children()],
    "modules": lambda n, m: [k for k, _ in m.named_modules(prefix="net")],
    "shared": lambda n, m: [k for k, _ in n["nn"].Sequential(m, m).named_parameters()],
    "shared state": lambda n, m: list(n["nn"].Sequential(m, m).state_dict()),
    "tensor as parameter": lambda n, m: setattr(m, "p", n["torch"].ones(2)),
    "number as module": lambda n, m: setattr(m, "fc", 3),
    "number as buffer": lambda n, m: setattr(m, "b", 3),
    "tensor as buffer": lambda n, m: (setattr(m, "b", n["torch"].ones(2)), m.b),
    "None as parameter": lambda n, m: (setattr(m, "p", None), [k for k, _ in m.named_parameters()]),
    "delete": lambda n, m: (delattr(m, "fc"), list(m.state_dict())),
    "name taken": lambda n, m: m.register_buffer("fc", n["torch"].zeros(1)),
    "name with a dot": lambda n, m: m.register_buffer("a.b", n["torch"].zeros(1)),
    "empty name": lambda n, m: m.register_parameter("", None),
    "not a parameter": lambda n, m: m.register_parameter("z", n["torch"].ones(1)),
    "not a module": lambda n, m: m.add_module("z", 3),
    "name is no string": lambda n, m: m.add_module(3, n["nn"].ReLU()),
    "load nothing": lambda n, m: m.load_state_dict({}),
    "load a broken state": lambda n, m: m.load_state_dict(broken_state(n)),
    "load loosely": lambda n, m: m.load_state_dict(
        {k: v for k, v in broken_state(n).items() if k != "fc.bias"}, strict=False
    ),
    "load": lambda n, m: m.load_state_dict(net(n).state_dict()),
    "load by assigning": lambda n, m: m.load_state_dict(net(n).state_dict(), assign=True),
    "load a number": lambda n, m: m.load_state_dict(3),
    "load a number for a tensor": lambda n, m: m.load_state_dict({**m.state_dict(), "p": 3}),
    "to integers": lambda n, m: m.to(n["torch"].int64),
    "to doubles": lambda n, m: [str(t.dtype) for t in m.to(n["torch"].float64).state_dict().values()],
    "to halves": lambda n, m: [str(t.dtype) for t in m.half().state_dict().values()],
    "train": lambda n, m: m.train("yes"),
    "eval": lambda n, m: (m.eval().training, m.bn.training),
    "submodule": lambda n, m: m.get_submodule("bn"),
    "no submodule": lambda n, m: m.get_submodule("fc.x"),
    "parameter": lambda n, m: m.get_parameter("fc.weight").shape,
    "no parameter": lambda n, m: m.get_parameter("fc.nope"),
    "buffer": lambda n, m: m.get_buffer("bn.running_mean"),
    "no buffer": lambda n, m: m.get_buffer("fc.weight"),
    "set a submodule": lambda n, m: (m.set_submodule("fc", n["nn"].ReLU()), m),
    "freeze": lambda n, m: [p.requires_grad for p in m.requires_grad_(False).parameters()],
    "copy": lambda n, m: copy.deepcopy(m),
    "two inputs": lambda n, m: m(1, 2),
    "positional": lambda n, m: n["nn"].Module(1),
    "keyword": lambda n, m: n["nn"].Module(a=1),
    "no forward": lambda n, m: n["nn"].ModuleList()(1),
    "integers": lambda n, m: n["nn"].Parameter(n["torch"].tensor([1])),
    "frozen": lambda n, m: n["nn"].Parameter(n["torch"].ones(2), requires_grad=False),
    "negative size": lambda n, m: n["nn"].Linear(-1, 2),
}


def answer(step, names):
    try:
        return "returns", repr(step(names, net(names)))
    except Exception as error:
        kind = next(k for k in type(error).__mro__ if k.__module__ == "builtins")
        return kind.__name__, str(error).partition("\n  ")[0].strip()


@pytest.mark.parametrize("name", STEPS)
def test_a_step_has_pytorch_s_answer(name):
    assert answer(STEPS[name], BOTH[0]) == answer(STEPS[name], BOTH[1])


@pytest.mark.parametrize("what", ["nn.Linear(1, 1)", "nn.Parameter(torch.ones(1))"])
def test_registering_before_init(what):
    kind = "module" if "Linear" in what else "parameters"
    for names in BOTH:
        early = type("Early", (names["nn"].Module,), {"__init__": lambda self, made: setattr(self, "made", made)})
        with pytest.raises(AttributeError, match=f"cannot assign {kind} before Module.__init__\\(\\) call"):
            early(eval(what, names))


def test_sizes_that_are_no_integers():
    for names in BOTH:
        with pytest.raises(TypeError, match="must be tuple of ints"):
            names["nn"].Linear(2.5, 2)


def test_a_name_that_is_nearly_right():
    with pytest.raises(AttributeError, match="has no attribute 'weigth'. Did you mean 'weight'"):
        BOTH[0]["nn"].Linear(2, 2).weigth  # noqa: B018


def test_hooks_in_their_order():
    said = []
    for names in BOTH:
        torch, log = names["torch"], []
        m = names["nn"].Linear(2, 2)
        m.register_forward_pre_hook(lambda m, i, log=log: log.append(("before", len(i))))
        m.register_forward_hook(lambda m, i, o, log=log: log.append("second"))
        first = m.register_forward_hook(lambda m, i, o, log=log: log.append("first"), prepend=True)
        m.register_full_backward_pre_hook(lambda m, g, log=log: log.append(("back", len(g))))
        m.register_full_backward_hook(lambda m, gi, go, log=log: log.append((gi[0].shape, go[0].shape)))
        m(torch.tensor(numbers((1, 2)), requires_grad=True)).sum().backward()
        first.remove()
        m.register_forward_hook(lambda m, i, o: o * 2)
        log.append(m(torch.ones(3, 2)).shape)
        said.append([tuple(map(str, e)) if isinstance(e, tuple) else e for e in log])
    assert said[0] == said[1]


def hooked_state(names):
    """What hooks around saving and loading have seen and done."""
    log = []
    m = names["nn"].Linear(2, 2)
    m.register_state_dict_pre_hook(lambda m, prefix, keep: log.append("saving"))
    m.register_state_dict_post_hook(lambda m, state, prefix, meta: state.__delitem__("bias"))
    m.register_load_state_dict_pre_hook(lambda m, state, *rest: state.update(bias=names["torch"].ones(2)))
    m.register_load_state_dict_post_hook(lambda m, keys: log.append(keys.missing_keys))
    state = m.state_dict()
    m.load_state_dict(state)
    return list(state), m.bias.tolist(), log


def test_hooks_around_the_state():
    assert hooked_state(BOTH[0]) == hooked_state(BOTH[1]) == (["weight"], [1, 1], ["saving", []])


def with_buffers(names):
    """A module with buffers made by assignment."""
    torch, nn = names["torch"], names["nn"]

    class M(nn.Module):
        def __init__(self):
            super().__init__()
            self.x = nn.Buffer(torch.ones(2))
            self.y = nn.Buffer(torch.ones(2), persistent=False)

    return M()


def test_buffers_by_assignment():
    for m in map(with_buffers, BOTH):
        assert list(m.state_dict()) == ["x"] and [n for n, _ in m.named_buffers()] == ["x", "y"]
