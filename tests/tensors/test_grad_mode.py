"""no_grad, enable_grad, set_grad_enabled, inference_mode: as contexts, decorators, on generators; what PyTorch says after each."""

import pytest

import chainrule
from chainrule import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled

SWITCHES = [
    (no_grad, (), False), (enable_grad, (), True), (set_grad_enabled, (False,), False), (set_grad_enabled, (True,), True),
    (inference_mode, (), False), (inference_mode, (False,), True),
]  # fmt: skip


@pytest.fixture(autouse=True)
def recording():
    assert is_grad_enabled()
    yield
    assert is_grad_enabled(), "the test left recording switched off"


@pytest.mark.parametrize(("switch", "args", "inside"), SWITCHES)
def test_as_a_context(switch, args, inside):
    with switch(*args):
        assert is_grad_enabled() is inside
        assert (chainrule.ones(2, requires_grad=True) * 2).requires_grad is inside
    assert is_grad_enabled()


@pytest.mark.parametrize(("switch", "args", "inside"), SWITCHES)
def test_as_a_decorator(switch, args, inside):
    @switch(*args)
    def function(x, *, y=1):
        """What it does."""
        return x, y, is_grad_enabled()

    assert function(2, y=3) == (2, 3, inside)
    assert function.__name__ == "function" and function.__doc__ == "What it does."
    assert is_grad_enabled()


@pytest.mark.parametrize("switch", [no_grad, enable_grad, inference_mode])
def test_as_a_decorator_without_parentheses(switch):
    @switch
    def function():
        return is_grad_enabled()

    assert function() is (switch is enable_grad)


@pytest.mark.parametrize(("switch", "args", "inside"), SWITCHES)
def test_it_is_put_back_after_an_error(switch, args, inside):
    with pytest.raises(ZeroDivisionError), switch(*args):
        assert is_grad_enabled() is inside
        _ = 1 / 0
    assert is_grad_enabled()


def test_nesting():
    with no_grad():
        with enable_grad():
            assert is_grad_enabled()
            with no_grad():
                assert not is_grad_enabled()
            assert is_grad_enabled()
        assert not is_grad_enabled()


def test_one_object_used_twice():
    switch = no_grad()
    for _ in range(2):
        with switch:
            assert not is_grad_enabled()
        assert is_grad_enabled()


def test_a_recursive_decorated_function():
    @no_grad()
    def count(n):
        return 0 if n == 0 else 1 + count(n - 1)

    assert count(5) == 5 and is_grad_enabled()


def test_set_grad_enabled_acts_at_once():
    set_grad_enabled(False)
    assert not is_grad_enabled()
    set_grad_enabled(True)
    assert is_grad_enabled()
    switch = set_grad_enabled(False)
    with switch:
        assert not is_grad_enabled()
    assert is_grad_enabled()


def test_set_grad_enabled_as_a_decorator_does_not_act_at_once():
    @set_grad_enabled(False)
    def function():
        return is_grad_enabled()

    assert is_grad_enabled() and function() is False and is_grad_enabled()


@pytest.mark.parametrize(("switch", "args", "inside"), SWITCHES)
def test_on_a_generator_it_holds_while_the_generator_runs(switch, args, inside):
    @switch(*args)
    def numbers(n):
        for i in range(n):
            yield i, is_grad_enabled()
        return "end"

    seen = []
    running = numbers(2)
    for item in running:
        seen.append(item)
        assert is_grad_enabled()
    assert seen == [(0, inside), (1, inside)]

    def outer():
        result = yield from numbers(1)
        assert result == "end"

    assert list(outer()) == [(0, inside)]


def test_a_generator_is_sent_to_thrown_into_and_closed():
    events = []

    @no_grad()
    def echo():
        got = None
        try:
            while True:
                try:
                    got = yield got, is_grad_enabled()
                except KeyError:
                    got = "caught"
        finally:
            events.append(is_grad_enabled())

    running = echo()
    assert next(running) == (None, False)
    assert running.send(5) == (5, False) and is_grad_enabled()
    assert running.throw(KeyError()) == ("caught", False) and is_grad_enabled()
    running.close()
    assert events == [False] and is_grad_enabled()


def test_results_under_no_grad_are_leaves():
    w = chainrule.ones(2, requires_grad=True)
    with no_grad():
        y = w * 2
    assert y.is_leaf and not y.requires_grad
    assert (y * w).requires_grad


def test_a_leaf_made_under_no_grad_asks_for_gradients():
    with no_grad():
        w = chainrule.ones(2, requires_grad=True)
    assert w.requires_grad
    (w * 2).sum().backward()
    assert w.grad.tolist() == [2.0, 2.0]


def test_inference_mode_says_so():
    assert not chainrule.is_inference_mode_enabled()
    with inference_mode():
        assert chainrule.is_inference_mode_enabled()
        with inference_mode(False):
            assert not chainrule.is_inference_mode_enabled() and is_grad_enabled()
    assert not chainrule.is_inference_mode_enabled()


def test_a_backward_pass_runs_under_no_grad():
    w = chainrule.ones(2, requires_grad=True)
    y = (w * 3).sum()
    with no_grad():
        y.backward()
    assert w.grad.tolist() == [3.0, 3.0]


def test_the_same_events_as_torch():
    torch = pytest.importorskip("torch")

    def events(lib):
        found = []

        def note():
            found.append((lib.is_grad_enabled(), lib.is_inference_mode_enabled()))

        @lib.no_grad()
        def decorated():
            note()
            with lib.enable_grad():
                note()

        with lib.inference_mode():
            note()
            with lib.enable_grad():
                note()
            decorated()
            note()
        with lib.no_grad(), lib.inference_mode(False):
            note()
        with lib.no_grad():
            lib.set_grad_enabled(True)
            note()
        note()
        switch = lib.set_grad_enabled(False)
        note()
        with switch:
            lib.set_grad_enabled(True)
            note()
        note()
        lib.set_grad_enabled(True)
        with lib.autograd.set_grad_enabled(False), lib.autograd.enable_grad():
            note()
        found.append(repr(lib.set_grad_enabled(True)))
        return found

    assert events(chainrule) == events(torch)
