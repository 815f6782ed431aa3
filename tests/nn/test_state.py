"""The state of a module without PyTorch beside it: what is registered, saved, loaded, copied and converted; the errors' texts."""

import copy
import pickle

import pytest

import chainrule
from chainrule import nn, tensor


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(2, 3)
        self.rest = nn.ModuleList([nn.Linear(3, 1), nn.ReLU()])
        self.w = nn.Parameter(chainrule.ones(2))
        self.register_buffer("mean", chainrule.zeros(2))
        self.register_buffer("scratch", chainrule.zeros(1), persistent=False)
        self.register_parameter("nothing", None)
        self.size = 3

    def forward(self, x):
        return self.rest[0](self.first(x)) * self.w.sum()


KEYS = ["w", "mean", "first.weight", "first.bias", "rest.0.weight", "rest.0.bias"]


@pytest.fixture
def net():
    chainrule.manual_seed(0)
    return Net()


def test_what_is_registered(net):
    assert [k for k, _ in net.named_parameters()] == [k for k in KEYS if k != "mean"]
    assert [k for k, _ in net.named_parameters(recurse=False)] == ["w"]
    assert [k for k, _ in net.named_buffers()] == ["mean", "scratch"]
    assert [k for k, _ in net.named_modules()] == ["", "first", "rest", "rest.0", "rest.1"]
    assert [k for k, _ in net.named_children()] == ["first", "rest"]
    assert sum(p.numel() for p in net.parameters()) == 2 + 9 + 4
    assert list(net.state_dict()) == KEYS and list(net.state_dict(prefix="a."))[0] == "a.w"


def test_shared_parameters_are_found_once():
    model = nn.Module()
    model.a = nn.Linear(2, 2)
    model.b = model.a
    model.c = nn.Linear(2, 2)
    model.c.weight = model.a.weight
    assert [k for k, _ in model.named_parameters()] == ["a.weight", "a.bias", "c.bias"]
    assert len([k for k, _ in model.named_parameters(remove_duplicate=False)]) == 6
    assert len(model.state_dict()) == 6 and len(list(model.children())) == 2


def test_replacing():
    model = Net()
    model.w = nn.Parameter(chainrule.zeros(5))
    assert list(model.state_dict()) == KEYS and model.w.shape == (5,)
    model.first = nn.Parameter(chainrule.zeros(1))  # a parameter takes the place of a module
    assert "first.weight" not in model.state_dict() and "first" in dict(model.named_parameters())
    model.mean = chainrule.ones(4)
    assert model.state_dict()["mean"].tolist() == [1.0] * 4
    model.w = None
    assert "w" not in model.state_dict()
    del model.rest
    assert list(model.state_dict()) == ["first", "mean"]


def test_state_dict_shares_memory_and_has_no_history(net):
    state = net.state_dict()
    assert not state["w"].requires_grad
    with chainrule.no_grad():
        net.w.fill_(7.0)
    assert state["w"].tolist() == [7.0, 7.0] and net.state_dict(keep_vars=True)["w"] is net.w


def test_loading_copies_and_keeps_dtypes(net):
    state = {k: v.double() + 1 for k, v in net.state_dict().items()}
    other, before = Net(), None
    before = other.w
    assert repr(other.load_state_dict(state)) == "<All keys matched successfully>"
    assert other.w is before and other.w.dtype is chainrule.float32 and other.w.tolist() == [2.0, 2.0]
    state["w"].zero_()
    assert other.w.tolist() == [2.0, 2.0] and other.w._version == 1
    other.load_state_dict(state, assign=True)
    assert other.w.dtype is chainrule.float64 and isinstance(other.w, nn.Parameter) and other.w.requires_grad


def errors(net, change, strict=True) -> str:
    state = net.state_dict()
    change(state)
    before = {k: v.tolist() for k, v in net.state_dict().items()}
    with pytest.raises(RuntimeError) as error:
        net.load_state_dict(state, strict)
    assert {k: v.tolist() for k, v in net.state_dict().items()} == before, "something was written before the error"
    text, _, code = str(error.value).rpartition("\n  ")
    assert code == "(E023: chainrule why E023)"
    return text


def test_states_that_do_not_fit(net):
    head = "Error(s) in loading state_dict for Net:\n\t"
    ones = chainrule.ones
    assert errors(net, lambda s: s.pop("w")) == head + 'Missing key(s) in state_dict: "w". '
    assert errors(net, lambda s: s.update(other=ones(1))) == head + 'Unexpected key(s) in state_dict: "other". '
    renamed = errors(net, lambda s: s.update({"first.wieght": s.pop("first.weight")}))
    assert renamed == (
        head + 'Missing key(s) in state_dict: "first.weight". \n\t'
        "Unexpected key(s) in state_dict: \"first.wieght\".  Did you mean 'first.weight'?"
    )
    sizes = errors(net, lambda s: s.update(w=ones(3), mean=ones(1)))
    assert "size mismatch for w: copying a param with shape torch.Size([3]) from checkpoint, the shape in current model is torch.Size([2])." in sizes
    assert "size mismatch for mean" in sizes
    assert errors(net, lambda s: s.update(w=ones(3)), strict=False) == sizes.split("\n\tsize mismatch for mean")[0]
    assert "expected torch.Tensor or Tensor-like object from checkpoint but received <class 'int'>" in errors(net, lambda s: s.update(w=3))
    with pytest.raises(TypeError, match="Expected state_dict to be dict-like, got <class 'list'>"):
        net.load_state_dict([1])


def test_loading_in_part(net):
    state = {"w": chainrule.zeros(2), "other": chainrule.ones(1)}
    found = net.load_state_dict(state, strict=False)
    assert found.missing_keys == [k for k in KEYS if k != "w"] and found.unexpected_keys == ["other"]
    assert repr(found).startswith("_IncompatibleKeys(missing_keys=['mean', 'first.weight'")
    assert net.w.tolist() == [0.0, 0.0]


def test_extra_state():
    class Counter(nn.Module):
        count = 0

        def get_extra_state(self):
            return {"count": self.count}

        def set_extra_state(self, state):
            self.count = state["count"]

    model = nn.Sequential(Counter())
    model[0].count = 5
    state = model.state_dict()
    assert state == {"0._extra_state": {"count": 5}}
    other = nn.Sequential(Counter())
    other.load_state_dict(state)
    assert other[0].count == 5
    with pytest.raises(RuntimeError, match='Missing key\\(s\\) in state_dict: "0._extra_state"'):
        other.load_state_dict({})


def test_hooks_around_the_state(net):
    seen = []
    net.first.register_state_dict_post_hook(lambda m, state, prefix, meta: state.update({prefix + "note": tensor(1.0)}))
    assert "first.note" in net.state_dict()
    other = Net()
    other.first.register_load_state_dict_pre_hook(lambda m, state, prefix, *rest: seen.append(state.pop(prefix + "note").item()))
    handle = other.register_load_state_dict_post_hook(lambda m, keys: (seen.append(list(keys.missing_keys)), keys.missing_keys.clear()))
    state = net.state_dict()
    del state["w"]
    assert repr(other.load_state_dict(state)) == "<All keys matched successfully>"
    assert seen == [1.0, ["w"]]
    handle.remove()
    with pytest.raises(RuntimeError, match="Missing key"):
        other.load_state_dict(state)


def test_a_module_that_renames_keys_of_old_states():
    class Renamed(nn.Linear):
        def _load_from_state_dict(self, state, prefix, *rest):
            if prefix + "w" in state:
                state[prefix + "weight"] = state.pop(prefix + "w")
            super()._load_from_state_dict(state, prefix, *rest)

    model = nn.Sequential(Renamed(1, 1))
    model.load_state_dict({"0.w": tensor([[5.0]]), "0.bias": tensor([1.0])})
    assert model[0].weight.item() == 5.0


@pytest.mark.parametrize("how", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["deepcopy", "pickle"])
def test_copies(net, how):
    net.rest[1].tag = "mine"
    other = how(net)
    x = chainrule.ones(4, 2)
    assert other(x).tolist() == net(x).tolist() and repr(other) == repr(net) and other.rest[1].tag == "mine"
    for (name, a), (_, b) in zip(net.named_parameters(), other.named_parameters(), strict=True):
        assert a is not b and b.is_leaf and b.requires_grad and isinstance(b, nn.Parameter), name
    with chainrule.no_grad():
        other.w.zero_()
    assert net.w.tolist() == [1.0, 1.0] and list(other.state_dict()) == KEYS


def test_a_deep_copy_keeps_what_is_shared():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[1].weight = model[0].weight
    other = copy.deepcopy(model)
    assert other[1].weight is other[0].weight and other[0].weight is not model[0].weight


def test_dtypes(net):
    before = net.w
    net.double()
    assert net.w is before and all(t.dtype is chainrule.float64 for t in net.state_dict().values())
    net.register_buffer("count", tensor([1, 2]))
    net.to("cpu", chainrule.float16)
    assert net.w.dtype is chainrule.float16 and net.count.dtype is chainrule.int64
    net.float()(chainrule.ones(1, 2)).sum().backward()
    assert net.to(dtype=chainrule.float64).w.grad.dtype is chainrule.float64
    with pytest.raises(TypeError, match="nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.int32"):
        net.to(chainrule.int32)
    with pytest.raises(AssertionError, match="Torch not compiled with CUDA enabled\n  why: chainrule computes on the CPU"):
        net.to("cuda")


def test_modes_and_freezing(net):
    assert net.eval() is net and not net.rest[1].training and net.train().rest[1].training
    with pytest.raises(ValueError, match="training mode is expected to be boolean"):
        net.train(1)
    net.requires_grad_(False)
    assert not any(p.requires_grad for p in net.parameters()) and not net(chainrule.ones(1, 2)).requires_grad


def test_apply_visits_children_first(net):
    seen = []
    assert net.apply(lambda m: seen.append(type(m).__name__)) is net
    assert seen == ["Linear", "Linear", "ReLU", "ModuleList", "Net"]


def test_zero_grad(net):
    net(chainrule.ones(1, 2)).sum().backward()
    net.zero_grad(set_to_none=False)
    assert net.w.grad.tolist() == [0.0, 0.0]
    net.zero_grad()
    assert net.w.grad is None


def test_finding_by_name(net):
    assert net.get_submodule("rest.0") is net.rest[0] and net.get_parameter("first.bias") is net.first.bias
    assert net.get_buffer("mean") is net.mean and net.get_submodule("") is net
    for call, text in [
        (lambda: net.get_submodule("rest.7"), "ModuleList has no attribute `7`"), (lambda: net.get_submodule("w"), "`w` is not an nn.Module"),
        (lambda: net.get_parameter("first"), "`first` is not an nn.Parameter"), (lambda: net.get_buffer("w"), "`w` is not a buffer"),
    ]:  # fmt: skip
        with pytest.raises(AttributeError, match=text):
            call()


def test_printing(net):
    assert repr(net) == (
        "Net(\n  (first): Linear(in_features=2, out_features=3, bias=True)\n  (rest): ModuleList(\n"
        "    (0): Linear(in_features=3, out_features=1, bias=True)\n    (1): ReLU()\n  )\n)"
    )
    assert repr(nn.Module()) == "Module()"


def test_wrong_assignments(net):
    for name, value, text in [
        ("w", chainrule.ones(2), "cannot assign 'torch.FloatTensor' as parameter 'w' \\(torch.nn.Parameter or None expected\\)"),
        ("w", nn.ReLU(), "cannot assign '.*ReLU' as parameter 'w'"), ("first", 3, "cannot assign 'int' as child module 'first'"),
        ("mean", 3, "cannot assign 'int' as buffer 'mean'"),
    ]:  # fmt: skip
        with pytest.raises(TypeError, match=text):
            setattr(net, name, value)
    with pytest.raises(TypeError, match="instead: self.w = nn.Parameter\\(value\\), or with torch.no_grad\\(\\): self.w.copy_\\(value\\)"):
        net.w = chainrule.ones(2)
    with pytest.raises(AttributeError, match="'Net' object has no attribute 'frist'.*Did you mean 'first'"):
        net.frist  # noqa: B018


def test_init_was_forgotten():
    class Forgetful(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(1, 1)

    with pytest.raises(AttributeError, match="cannot assign module before Module.__init__\\(\\) call\n.*\n  instead: super\\(\\).__init__"):
        Forgetful()
    with pytest.raises(NotImplementedError, match='Module \\[Module\\] is missing the required "forward" function'):
        nn.Module()(1)


def test_parameters():
    p = nn.Parameter(chainrule.ones(2))
    assert repr(p) == "Parameter containing:\ntensor([1., 1.], requires_grad=True)" and isinstance(p, chainrule.Tensor)
    assert type(p * 2) is chainrule.Tensor and not isinstance(chainrule.ones(1), nn.Parameter)
    assert nn.Parameter(p * 2).is_leaf and not nn.Parameter(tensor([1, 2]), requires_grad=False).requires_grad
    with pytest.raises(RuntimeError, match="Only Tensors of floating point and complex dtype can require gradients"):
        nn.Parameter(tensor([1, 2]))
    with pytest.raises(TypeError, match="cannot create a Parameter from int: pass a tensor"):
        nn.Parameter(3)
    model = nn.Module()
    model.kept, model.dropped = nn.Buffer(chainrule.ones(1)), nn.Buffer(chainrule.ones(1), persistent=False)
    assert list(model.state_dict()) == ["kept"] and len(list(model.buffers())) == 2
