"""Whole models: written as they are, read only when the program asks for them, and never from what is not its own."""

import argparse
import collections
import datetime
import pathlib
import pickle
import types

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn
from tests.serialization.against import loaded, saved


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.5))
        self.heads = nn.ModuleDict({"a": nn.Linear(4, 1), "b": nn.Linear(4, 2)})
        self.scale = nn.Parameter(cr.ones(1))
        self.register_buffer("steps", cr.zeros(1))
        self.act = cr.tanh
        self.settings = {"width": 4}

    def forward(self, x):
        x = self.act(self.body(x)) * self.scale
        return self.heads["a"](x), self.heads["b"](x)


def test_a_model_of_the_program():
    model = Net()
    model(cr.randn(5, 3))
    model.eval()
    found = loaded(cr, saved(cr, model), weights_only=False)
    assert repr(found) == repr(model)
    assert not found.training
    x = cr.randn(2, 3)
    assert [y.tolist() for y in found(x)] == [y.tolist() for y in model(x)]
    found(x)[0].sum().backward()
    assert found.scale.grad is not None
    assert model.scale.grad is None


LAYERS = {
    "conv": lambda: (nn.Conv2d(1, 2, 3), (1, 1, 5, 5)),
    "lstm": lambda: (nn.LSTM(3, 4, num_layers=2), (5, 2, 3)),
    "gru": lambda: (nn.GRU(3, 4), (5, 2, 3)),
    "norm": lambda: (nn.GroupNorm(2, 4), (2, 4, 3)),
    "tied": lambda: (nn.Sequential(*[nn.Linear(3, 3)] * 2), (2, 3)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name):
    layer, shape = LAYERS[name]()
    found = loaded(cr, saved(cr, layer), weights_only=False)
    x = cr.randn(*shape)
    ours, theirs = layer(x), found(x)
    ours, theirs = (ours[0], theirs[0]) if isinstance(ours, tuple) else (ours, theirs)
    assert ours.tolist() == theirs.tolist()
    assert len(list(found.parameters())) == len(list(layer.parameters()))


def test_only_when_the_program_asks_for_it():
    content = saved(cr, nn.Linear(1, 1))
    with pytest.raises(pickle.UnpicklingError, match="Unsupported global: GLOBAL chainrule.nn.linear.Linear"):
        loaded(cr, content)
    with cr.serialization.safe_globals([nn.Linear]):
        assert loaded(cr, content).in_features == 1


def test_functions_of_the_program_are_not_given_to_a_file():
    """A file that puts os.system where a model keeps its activation would run it on the next forward pass."""
    model = Net()
    model.act = test_layers
    with pytest.raises(pickle.UnpicklingError, match="GLOBAL .*test_layers was not an allowed global"):
        loaded(cr, saved(cr, model), weights_only=False)


def test_classes_that_are_not_loaded_stay_so():
    program = saved(cr, nn.Linear(1, 1)).replace(b"chainrule.nn.linear\n", b"chainrule.nn.nowher\n")
    with pytest.raises((pickle.UnpicklingError, RuntimeError)):
        loaded(cr, program, weights_only=False)


def test_a_whole_model_of_pytorch_is_refused_with_advice():
    torch = pytest.importorskip("torch")
    with pytest.raises(pickle.UnpicklingError) as caught:
        loaded(cr, saved(torch, torch.nn.Linear(1, 1)), weights_only=False)
    assert str(caught.value).splitlines() == [
        "Weights only load failed. Unsupported global: GLOBAL torch.nn.modules.linear.Linear was not an allowed global by default.",
        "  why: the file holds a whole object of PyTorch's, not only its numbers; chainrule's classes are built differently",
        "  instead: with PyTorch, torch.save(model.state_dict(), path); then model.load_state_dict(torch.load(path))",
    ]


def plain_objects():
    """What programs save beside their weights."""
    return {
        "args": argparse.Namespace(lr=0.1, layers=[1, 2]),
        "space": types.SimpleNamespace(a=1),
        "path": pathlib.Path("runs") / "a",
        "when": [datetime.datetime(2020, 1, 2, 3, 4), datetime.date(2020, 1, 2), datetime.timedelta(1, 2)],
        "counts": collections.defaultdict(list, a=[1]),
        "last": collections.deque([1, 2], 5),
        "cut": slice(1, None, 2),
        "range": range(1, 9, 3),
        "float": np.float64(2.5),
        "int": np.int32(3),
        "array": np.arange(6.0).reshape(2, 3).T,
        "text": np.array(["a", "bc"]),
        "flags": np.array([True, False]),
    }


@pytest.mark.parametrize("writer", ["chainrule", "torch"])
@pytest.mark.parametrize("protocol", [2, 4])
def test_plain_objects(writer, protocol):
    writer = pytest.importorskip(writer)
    content = saved(writer, plain_objects(), pickle_protocol=protocol)
    found = loaded(cr, content, weights_only=False)
    assert repr(found) == repr(plain_objects())
    assert type(found["float"]) is np.float64
    with pytest.raises(pickle.UnpicklingError, match="Unsupported global"):
        loaded(cr, content)


def test_arrays_in_the_other_byte_order():
    assert loaded(cr, saved(cr, np.arange(3, dtype=">i2")), weights_only=False).tolist() == [0, 1, 2]


def test_arrays_of_objects_are_refused():
    with pytest.raises(pickle.UnpicklingError, match="holds objects"):
        loaded(cr, saved(cr, np.array([{}, None])), weights_only=False)


def test_a_dictionary_that_calls_is_refused():
    content = saved(cr, collections.defaultdict(cr.tensor))
    with pytest.raises(pickle.UnpicklingError):
        loaded(cr, content, weights_only=False)
