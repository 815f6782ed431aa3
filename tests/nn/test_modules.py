"""Containers, registering and replacing, lazy layers, state, against PyTorch and by themselves."""

import copy
import inspect
import pickle
from collections import OrderedDict

import numpy as np
import pytest

pytest.importorskip("torch")

from tests.nn.against import BOTH, close, made, numbers, read, same_error, tensors  # noqa: E402

REPRS = [
    "nn.Module()",
    "nn.ReLU(True)",
    "nn.ELU(2.0, True)",
    "nn.Hardtanh(-2, 2, True)",
    "nn.Hardswish(True)",
    "nn.LeakyReLU(0.2, True)",
    "nn.Softplus(2)",
    "nn.Dropout(0.2, True)",
    "nn.Upsample(size=(2, 3), mode='bilinear', align_corners=True)",
    "nn.Softmax()",
    "nn.FractionalMaxPool2d(2, output_size=3)",
    "nn.SyncBatchNorm(3)",
    "nn.LazyLinear(3)",
    "nn.LazyConv2d(3, 2, padding=1, bias=False)",
    "nn.LazyConvTranspose1d(3, 2)",
    "nn.LazyBatchNorm1d()",
    "nn.LazyInstanceNorm2d(affine=False)",
    "nn.LSTM(3, 4, num_layers=2, bias=False, batch_first=True, dropout=0.5, bidirectional=True, proj_size=2)",
    "nn.RNNCell(3, 4, bias=False, nonlinearity='relu')",
    "nn.Sequential()",
    "nn.ModuleList()",
    "nn.ModuleDict()",
    "nn.ParameterList()",
    "nn.ParameterDict()",
    "nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.ReLU(), nn.Linear(3, 4)))",
    "nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2)])",
    "nn.ModuleDict({'b': nn.ReLU(), 'a': nn.Tanh()})",
    "nn.ParameterList([torch.ones(2), nn.Parameter(torch.ones(2, 3)), 3])",
    "nn.ParameterDict({'b': torch.ones(2), 'a': torch.ones(1)})",
    "nn.DataParallel(nn.Linear(2, 3))",
    "nn.AdaptiveLogSoftmaxWithLoss(8, 10, [3, 6], div_value=2.0)",
    "nn.TripletMarginWithDistanceLoss()",
    "nn.Parameter(torch.ones(2))",
]


@pytest.mark.parametrize("text", REPRS)
def test_it_prints_as_in_pytorch(text):
    assert repr(made(text, BOTH[0])) == repr(made(text, BOTH[1]))
    assert str(made(text, BOTH[0])) == str(made(text, BOTH[1]))


def sequence(names):
    nn = names["nn"]
    names["torch"].manual_seed(0)
    return nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))


STEPS = {
    "index": "m[0], m[-1], len(m), m[1:]",
    "append": "m.append(nn.Tanh())",
    "insert": "m.insert(1, nn.Tanh())",
    "extend": "m.extend([nn.Tanh(), nn.ELU()])",
    "pop": "(m.pop(1), m)",
    "add": "m + nn.Sequential(nn.Tanh())",
    "multiply": "m * 2",
    "list index": "nn.ModuleList(m)[1:]",
    "list append": "nn.ModuleList(m).append(nn.Tanh())",
    "list insert": "(lambda n: (n.insert(0, nn.Tanh()), n))(nn.ModuleList(m))",
    "list add": "nn.ModuleList(m) + [nn.Tanh()]",
    "names": "[n for n, _ in m.named_modules()], [n for n, _ in m.named_parameters()]",
    "dictionary": "nn.ModuleDict([('x', m[0]), ('y', m[1])]).keys() | {'z'}",
    "parameters": "nn.ParameterDict({'b': torch.ones(2)}) | nn.ParameterDict({'a': torch.ones(1)})",
    "popitem": "nn.ParameterDict({'b': torch.ones(2), 'c': torch.ones(3)}).popitem()",
}


@pytest.mark.parametrize("step", STEPS)
def test_containers_are_used_as_in_pytorch(step):
    assert repr(read(STEPS[step], BOTH[0], m=sequence(BOTH[0]))) == repr(read(STEPS[step], BOTH[1], m=sequence(BOTH[1])))


def test_replacing_and_deleting_keep_the_order():
    for names in BOTH:
        m, nn = sequence(names), names["nn"]
        m[0] = nn.Linear(2, 4)
        assert [type(x).__name__ for x in m] == ["Linear", "ReLU", "Linear"] and m[0].out_features == 4
        m[0].weight = nn.Parameter(m[0].weight.detach() * 2)
        assert [n for n, _ in m.named_parameters()] == ["0.weight", "0.bias", "2.weight", "2.bias"]
        del m[1]
        assert list(m.state_dict()) == ["0.weight", "0.bias", "1.weight", "1.bias"]


def test_an_ordered_dictionary_gives_names():
    for names in BOTH:
        nn = names["nn"]
        m = nn.Sequential(OrderedDict(first=nn.Linear(2, 2), last=nn.ReLU()))
        assert list(m.state_dict()) == ["first.weight", "first.bias"] and m.last is m[1]


def test_parameter_lists_hold_parameters():
    for names in BOTH:
        nn, torch = names["nn"], names["torch"]
        p = nn.ParameterList([torch.ones(2)])
        p += [torch.zeros(3)]
        p[0] = torch.ones(4)
        assert [tuple(x.shape) for x in p.parameters()] == [(4,), (3,)] and len(p[:1]) == 1


@pytest.mark.parametrize(
    "call",
    [
        "nn.Sequential(nn.ReLU(), 3)",
        "nn.Sequential(nn.ReLU())[3]",
        "nn.ModuleList(nn.Linear(2, 2))",
        "nn.ModuleDict({'a': 3})",
        "nn.ModuleDict({'a.b': nn.ReLU()})",
        "nn.ParameterList([torch.ones(2)])[5]",
        "nn.Module()(3)",
        "nn.Unflatten(1, 3)",
    ],
)
def test_bad_input_is_refused_in_pytorch_s_words(call):
    same_error(call, words=20)


LAZY = {
    "nn.LazyLinear(3)": (2, 5),
    "nn.LazyConv1d(3, 2)": (2, 4, 6),
    "nn.LazyConv2d(4, 2, groups=2, bias=False)": (2, 4, 6, 5),
    "nn.LazyConv3d(3, 2)": (1, 2, 4, 4, 4),
    "nn.LazyConvTranspose1d(3, 2)": (2, 4, 6),
    "nn.LazyConvTranspose2d(3, 2, output_padding=1, stride=2)": (2, 4, 6, 5),
    "nn.LazyConvTranspose3d(3, 2)": (1, 2, 3, 3, 3),
    "nn.LazyBatchNorm1d()": (3, 4),
    "nn.LazyBatchNorm2d(affine=False)": (2, 4, 3, 3),
    "nn.LazyBatchNorm3d(track_running_stats=False)": (2, 4, 3, 3, 2),
    "nn.LazyInstanceNorm1d()": (2, 4, 6),
    "nn.LazyInstanceNorm2d(bias=False)": (2, 4, 6, 5),
    "nn.LazyInstanceNorm3d()": (2, 3, 3, 2, 4),
}


@pytest.mark.parametrize("text", LAZY)
def test_lazy_layers_become_the_ordinary_ones(text):
    found = []
    for names in BOTH:
        m = made(text, names)
        keys, lazy = list(m.state_dict()), m.has_uninitialized_params()
        (x,) = tensors([numbers(LAZY[text])], names)
        y = m(x)
        found.append((keys, lazy, type(m).__name__, repr(m), y, m.state_dict()))
    ours, theirs = found
    assert ours[:4] == theirs[:4]
    close(ours[4], theirs[4], text, 1e-4, 1e-5)
    for key, value in ours[5].items():
        close(value, theirs[5][key], key, 1e-5)


def test_lazy_layers_take_a_state():
    for names in BOTH:
        nn, torch = names["nn"], names["torch"]
        lazy, source = nn.LazyLinear(3), nn.Linear(5, 3)
        lazy.load_state_dict(source.state_dict())
        x = torch.tensor(numbers((2, 5)))
        assert lazy(x).tolist() == source(x).tolist() and type(lazy) is nn.Linear


def test_lazy_parameters_cannot_be_used_before():
    for call in ("nn.LazyLinear(3).weight + 1", "nn.LazyLinear(3).weight.shape"):
        for names in BOTH:
            with pytest.raises((ValueError, RuntimeError), match="uninitialized parameter"):
                made(call, names)
    assert made("nn.LazyLinear(3).double().weight", BOTH[0]).dtype is BOTH[0]["torch"].float64


def test_copies_and_pickles():
    names = BOTH[0]
    m = sequence(names)
    for other in (copy.deepcopy(m), pickle.loads(pickle.dumps(m))):
        assert repr(other) == repr(m)
        for key, value in m.state_dict().items():
            close(other.state_dict()[key], value, key, 0, 0)
        other[0].weight.data.fill_(0)
        assert float(m[0].weight.abs().sum().detach()) > 0


def test_synchronized_norms_take_over():
    for names in BOTH:
        nn = names["nn"]
        m = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
        m = nn.SyncBatchNorm.convert_sync_batchnorm(m)
        assert type(m[1]).__name__ == "SyncBatchNorm" and len(m.state_dict()) == 7


def test_distributed_training_says_that_there_is_none():
    with pytest.raises(ValueError, match="Default process group has not been initialized"):
        BOTH[0]["nn"].parallel.DistributedDataParallel(BOTH[0]["nn"].Linear(2, 2))


def test_state_moves_between_the_two():
    """A state_dict made by PyTorch loads here, by way of NumPy, and gives the same outputs."""
    text = "nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.LSTM(50, 3))"
    theirs, ours = made(text, BOTH[1]), read(text, BOTH[0])
    state = {k: BOTH[0]["torch"].from_numpy(v.numpy().copy()) for k, v in theirs.state_dict().items()}
    ours.load_state_dict(state)
    x = numbers((2, 1, 7, 7))
    a, b = (m.eval()(n["torch"].tensor(x))[0] for m, n in ((ours, BOTH[0]), (theirs, BOTH[1])))
    close(a, b, "output", 1e-4, 1e-5)


@pytest.mark.parametrize("names", BOTH, ids=["ours", "theirs"])
def test_hooks_run_around_a_layer(names):
    seen = []
    m = sequence(names)
    m[0].register_forward_hook(lambda mod, x, y: seen.append(tuple(y.shape)))
    m[2].register_full_backward_hook(lambda mod, g_in, g_out: seen.append(tuple(g_out[0].shape)))
    m(names["torch"].tensor(numbers((4, 2)))).sum().backward()
    assert seen == [(4, 3), (4, 1)]


@pytest.mark.parametrize("names", BOTH, ids=["ours", "theirs"])
def test_a_subclass_may_add_to_a_layer(names):
    class Scaled(names["nn"].Linear):
        def __init__(self):
            super().__init__(2, 3)
            self.scale = names["nn"].Parameter(names["torch"].ones(1) * 2)

        def forward(self, x):
            return super().forward(x) * self.scale

    m = Scaled()
    x = names["torch"].tensor(numbers((4, 2)))
    plain = names["F"].linear(x, m.weight, m.bias)
    assert np.allclose(m(x).detach().numpy(), 2 * plain.detach().numpy()) and len(list(m.parameters())) == 3


SPELLED_OUT = ("GRU", "LSTM", "RNN", "NLLLoss2d")  # here or there, *args stand for several


def parameters(function):
    """The names and defaults of a function's parameters, or None where they cannot be read."""
    try:
        found = inspect.signature(function).parameters.values()
    except ValueError:
        return None
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in found):
        return None
    return [(p.name, repr(p.default) if not callable(p.default) or p.default is p.empty else "…") for p in found]


def pairs():
    """Every layer and function that both have, by name."""
    for name in dir(BOTH[1]["nn"]):
        ours, theirs = (getattr(names["nn"], name, None) for names in BOTH)
        if inspect.isclass(theirs) and issubclass(theirs, BOTH[1]["nn"].Module) and ours and name not in SPELLED_OUT:
            yield name, ours.__init__, theirs.__init__
    for where in ("F", "init"):
        of = [names["F"] if where == "F" else names["nn"].init for names in BOTH]
        for name in dir(of[1]):
            if inspect.isfunction(getattr(of[1], name)) and hasattr(of[0], name):
                yield f"{where}.{name}", getattr(of[0], name), getattr(of[1], name)


def test_everything_is_called_as_in_pytorch():
    different = []
    for name, ours, theirs in pairs():
        a, b = parameters(ours), parameters(theirs)
        if a is not None and b is not None and a != b:
            different.append((name, a, b))
    assert not different


def test_nothing_of_pytorch_s_is_missing():
    """Except for what is not of this kind: quantization, sparse and nested tensors, aliases of Python's own modules."""
    nn = {n for n in dir(BOTH[1]["nn"]) if n[0].isupper() and inspect.isclass(getattr(BOTH[1]["nn"], n))}
    assert {n for n in nn if not hasattr(BOTH[0]["nn"], n)} <= {
        "Container", "LinearCrossEntropyLoss", "LinearCrossEntropyOptions",
    }  # fmt: skip
    functions = {n for n in dir(BOTH[1]["F"]) if inspect.isroutine(getattr(BOTH[1]["F"], n)) and n[0] != "_"}
    assert {n for n in functions if not hasattr(BOTH[0]["F"], n)} <= {
        "assert_int_or_pair", "boolean_dispatch", "grouped_mm", "handle_torch_function", "has_torch_function",
        "has_torch_function_unary", "has_torch_function_variadic", "linear_cross_entropy", "scaled_grouped_mm", "scaled_mm",
    }  # fmt: skip
