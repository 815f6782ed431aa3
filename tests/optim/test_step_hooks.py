"""Hooks around the steps of every optimizer."""

from importlib import import_module

import pytest

import chainrule


def libraries():
    return [chainrule, pytest.importorskip("torch")]


def test_order_and_arguments():
    runs = []
    for lib in libraries():
        events = []

        def note(what, events=events):
            return lambda o, args, named: events.append((what, type(o).__name__, [type(a).__name__ for a in args], sorted(named)))

        module = import_module(f"{lib.__name__}.optim.optimizer")
        w = lib.ones(1, requires_grad=True)
        optimizers = [lib.optim.SGD([w], lr=0.1), lib.optim.Adam([w]), lib.optim.LBFGS([w])]
        optimizers[0].register_step_pre_hook(note("own before"))
        optimizers[0].register_step_post_hook(note("own after"))
        handles = [
            module.register_optimizer_step_pre_hook(note("before")), module.register_optimizer_step_post_hook(note("after")),
        ]  # fmt: skip

        def closure(w=w, lib=lib):
            w.grad = lib.ones(1)
            return (w * 1).sum()

        for optimizer in optimizers:
            optimizer.step(closure)
        for handle in handles:
            handle.remove()
        optimizers[1].step(closure)
        runs.append(events)
    assert runs[0] == runs[1]
    assert [e[0] for e in runs[0]] == ["before", "own before", "own after", "after", *["before", "after"] * 2]


def test_a_hook_may_give_other_arguments():
    for lib in libraries():
        calls = []
        w = lib.ones(1, requires_grad=True)
        optimizer = lib.optim.SGD([w], lr=0.1)
        optimizer.register_step_pre_hook(lambda o, args, named: ((args[0], lambda: calls.append(1)), {}))  # noqa: B023
        optimizer.step()
        assert calls == [1]
        optimizer.register_step_pre_hook(lambda o, args, named: 3)
        with pytest.raises(RuntimeError, match="must return None or a tuple of \\(new_args, new_kwargs\\), but got"):
            optimizer.step()
