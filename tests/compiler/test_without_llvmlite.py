"""Where llvmlite is not installed, everything runs eagerly, and `compile` says so once."""

import warnings

import pytest

import chainrule
from chainrule import compiler
from chainrule.native import kernels, machine


@pytest.fixture
def without_llvmlite(monkeypatch):
    monkeypatch.setattr(machine, "installed", lambda: False)
    monkeypatch.setattr(kernels, "ready", lambda: False)
    compiler.say_if_nothing_compiles.cache_clear()
    yield
    compiler.say_if_nothing_compiles.cache_clear()


def test_compile_says_so_once(without_llvmlite):
    with pytest.warns(UserWarning, match="llvmlite is not installed") as seen:
        step = chainrule.compile(lambda x: x * 2)
        chainrule.compile(lambda x: x * 3)
    assert len(seen) == 1 and "pip install llvmlite" in str(seen[0].message)
    assert seen[0].filename == __file__  # the user's line
    for _ in range(4):
        assert step(chainrule.ones(2)).tolist() == [2.0, 2.0]
    assert "not compiled: machine code can't be made here" in step.report()


def test_nothing_is_said_where_nothing_was_to_be_compiled(without_llvmlite):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        chainrule.compile(lambda x: x, backend="eager")
        chainrule.compile(lambda x: x, disable=True)
