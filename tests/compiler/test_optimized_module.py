"""What ``compile`` makes of a module behaves as the module does, under PyTorch's names."""

import copy
import io
import pickle

import pytest

import chainrule as cr


def both():
    """chainrule, and PyTorch where it is installed; its compiler is left out, as it would take minutes."""
    yield pytest.param(cr, {}, id="chainrule")
    try:
        import torch
    except ImportError:
        return
    yield pytest.param(torch, {"backend": "eager"}, id="torch")




def pytest_generate_tests(metafunc):
    if "torch" in metafunc.fixturenames:
        metafunc.parametrize("torch, options", list(both()), scope="function")


def made(torch, options):
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    return model, torch.compile(model, **options)


def test_what_it_is(torch, options):
    model, compiled = made(torch, options)
    assert type(compiled).__name__ == "OptimizedModule"
    assert isinstance(compiled, torch.nn.Module)
    assert not isinstance(compiled, torch.nn.Sequential)
    assert compiled._orig_mod is model
    assert torch.compile(model, disable=True) is model
    assert repr(compiled).splitlines() == [
        "OptimizedModule(",
        "  (_orig_mod): Sequential(",
        "    (0): Linear(in_features=3, out_features=2, bias=True)",
        f"    (1): {model[1]!r}",
        "  )",
        ")",
    ]


def test_names(torch, options):
    model, compiled = made(torch, options)
    assert list(compiled.state_dict()) == [f"_orig_mod.{name}" for name in model.state_dict()]
    assert [name for name, _ in compiled.named_parameters()] == [f"_orig_mod.{name}" for name, _ in model.named_parameters()]
    assert [name for name, _ in compiled.named_modules()] == ["", "_orig_mod", "_orig_mod.0", "_orig_mod.1"]
    assert list(map(id, compiled.parameters())) == list(map(id, model.parameters()))
    compiled.load_state_dict(compiled.state_dict())
    with pytest.raises(RuntimeError, match="Missing key"):
        compiled.load_state_dict(model.state_dict())
    outer = torch.nn.Sequential(compiled)
    assert list(outer.state_dict())[0] == "0._orig_mod.0.weight"


def test_modes_and_conversions(torch, options):
    model, compiled = made(torch, options)
    assert compiled.eval() is compiled
    assert not model.training
    assert not model[1].training
    assert not compiled.training
    model.train()
    assert compiled.training
    compiled.training = False
    assert not model.training
    assert compiled.double() is compiled
    assert model[0].weight.dtype is torch.float64
    assert compiled.to(torch.float32).requires_grad_(False) is compiled
    assert not model[0].weight.requires_grad


def test_attributes_are_the_modules(torch, options):
    line = torch.nn.Linear(3, 2)
    compiled = torch.compile(line, **options)
    assert compiled.in_features == 3
    assert compiled.weight is line.weight
    compiled.note = "here"
    assert line.note == "here"
    del compiled.note
    assert not hasattr(line, "note")
    compiled.bias = torch.nn.Parameter(torch.zeros(2))
    assert compiled.bias is line.bias
    with pytest.raises(AttributeError, match="'Linear' object has no attribute 'nothing'"):
        _ = compiled.nothing


def test_a_hook_belongs_to_the_module_that_it_was_given_to(torch, options):
    model, compiled = made(torch, options)
    seen = []
    compiled.register_forward_hook(lambda *_: seen.append(1))
    model(torch.ones(4, 3))
    assert not seen
    compiled(torch.ones(4, 3))
    assert seen


def test_methods_that_call_the_module(torch, options):
    class Twice(torch.nn.Module):
        def forward(self, x):
            return 2 * x

        def four(self, x):
            return self(self(x))

    assert torch.compile(Twice(), **options).four(torch.ones(1)).item() == 4


def test_copies(torch, options):
    model, compiled = made(torch, options)
    for other in (copy.deepcopy(compiled), pickle.loads(pickle.dumps(compiled))):
        assert type(other) is type(compiled)
        assert other._orig_mod is not model
        assert torch.equal(other(torch.ones(4, 3)), compiled(torch.ones(4, 3)))


def test_a_module_compiled_in_place(torch, options):
    model, _ = made(torch, options)
    before = repr(model), list(model.state_dict()), model(torch.ones(4, 3))
    assert model.compile(**options) is None
    assert model._compiled_call_impl is not None
    assert (repr(model), list(model.state_dict())) == before[:2]
    for _ in range(4):
        assert torch.allclose(model(torch.ones(4, 3)), before[2])
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert other._compiled_call_impl is None
        assert torch.allclose(other(torch.ones(4, 3)), before[2])


# ---------------------------------------------------------------------- chainrule's own


def test_saved_whole():
    _, compiled = made(cr, {})
    file = io.BytesIO()
    cr.save(compiled, file)
    file.seek(0)
    other = cr.load(file, weights_only=False)
    assert type(other) is type(compiled)
    assert cr.equal(other(cr.ones(4, 3)), compiled(cr.ones(4, 3)))


def test_a_container_is_one_still():
    model, compiled = made(cr, {})
    assert (len(compiled), compiled[0], list(compiled)) == (2, model[0], list(model))
    assert cr.compile(cr.nn.Linear(1, 1))
    assert "in_features" in dir(cr.compile(cr.nn.Linear(1, 1)))


def test_report_is_the_modules_where_it_has_one():
    class Told(cr.nn.Linear):
        def report(self):
            return "mine"

    told = cr.compile(Told(1, 1))
    assert told.report() == "mine"
    assert told.forward.report() == "not called yet: a step is compiled by its second or third call"
    assert cr.compile(cr.nn.Linear(1, 1)).report() == told.forward.report()


def test_compiled_twice_and_not_at_all():
    model, compiled = made(cr, {})
    assert cr.compile(compiled) is compiled
    step = cr.compile(lambda x: x)
    assert cr.compile(step) is step
    eager = cr.compile(model, backend="eager")
    for _ in range(4):
        eager(cr.ones(4, 3))
    assert not eager.forward.compiled
    compiled._orig_mod = cr.nn.Linear(3, 1)
    assert compiled(cr.ones(4, 3)).shape == (4, 1)
