"""What a compiled step relies on, changed behind its back: it must do what the function does all the same."""

import random
import types
from threading import Thread

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.native import kernels

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")
factor = 2.0


class Counting:
    def __init__(self):
        self.n, self.scale, self.parts = 0, 2.0, [1.0, 2.0]

    def step(self, x):
        self.n += 1
        return (x * self.scale * self.parts[0]).sum()


def both(function, *calls):
    """The results of calls of a function, eager and compiled."""
    step = torch.compile(function)
    return [(step(*args).item(), function(*args).item()) for args in calls], step


def test_a_global_number():
    global factor

    def f(x):
        return (x * factor).sum()

    step, x = torch.compile(f), torch.ones(3)
    found = []
    for value in (2.0, 2.0, 2.0, 2.0, 5.0, 5.0):
        factor = value
        found.append(step(x).item())
    assert found == [6.0, 6.0, 6.0, 6.0, 15.0, 15.0]


def test_a_number_that_is_passed():
    x = torch.ones(3)
    pairs, _ = both(lambda x, n: (x * n).sum(), *[(x, n) for n in (2.0, 2.0, 2.0, 3.0, 3, 2.0, -0.0)])
    assert all(a == b for a, b in pairs)


def test_an_entry_of_a_list():
    parts, x = [1.0, 2.0], torch.ones(3)

    def f():
        return (x * parts[0] + parts[-1]).sum()

    step = torch.compile(f)
    for new in ([1.0, 2.0], [1.0, 2.0], [1.0, 2.0], [4.0, 2.0], [4.0, 2.0, 7.0]):
        parts[:] = new
        assert step().item() == f().item()


def test_a_counter_goes_on():
    counting, x = Counting(), torch.ones(3)
    step = torch.compile(counting.step)
    for _ in range(6):
        step(x)
    assert counting.n == 6
    assert "sets self.n" in step.report()


def test_a_nonlocal_counter_goes_on():
    n = 0

    def f(x):
        nonlocal n
        n += 1
        return (x + 1).sum()

    step = torch.compile(f)
    for _ in range(6):
        step(torch.ones(2))
    assert n == 6


def test_random_numbers_of_python_stay_random():
    random.seed(0)
    step = torch.compile(lambda x: (x * random.random()).sum())
    assert len({step(torch.ones(2)).item() for _ in range(6)}) == 6


def test_an_iterator_is_advanced():
    it, x = iter(range(100)), torch.ones(2)
    step = torch.compile(lambda: (x * next(it)).sum())
    assert [step().item() for _ in range(6)] == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]


def test_dropout_draws_the_same():
    layer = nn.Dropout(0.5)

    def f(x):
        with torch.no_grad():
            return layer(x).sum()

    step, x = torch.compile(f), torch.ones(50)
    torch.manual_seed(3)
    found = [step(x).item() for _ in range(6)]
    torch.manual_seed(3)
    assert found == [f(x).item() for _ in range(6)]
    layer.eval()
    assert step(x).item() == 50


def stepping(optimizer, w):
    def step():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        optimizer.step()
        return loss

    return step


def weight():
    return torch.tensor([1.0, -2.0, 3.0], requires_grad=True)


CHANGES = {
    "w.data": lambda w, o: setattr(w, "data", torch.tensor([5.0, 5.0, 5.0])),
    "lr": lambda w, o: o.param_groups[0].update(lr=0.5),
    "requires_grad": lambda w, o: w.requires_grad_(False).requires_grad_(True),
    "another group": lambda w, o: o.add_param_group({"params": [torch.zeros(2, requires_grad=True)]}),
    "load_state_dict": lambda w, o: o.load_state_dict(o.state_dict()),
    "a gradient of one's own": lambda w, o: setattr(w, "grad", torch.ones(3)),
    "in place": lambda w, o: w.detach().mul_(2),
}


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
@pytest.mark.parametrize("name", CHANGES)
def test_changes_between_calls(name, kind):
    found = []
    for compiled in (False, True):
        w = weight()
        optimizer = getattr(torch.optim, kind)([w], lr=0.1)
        step = stepping(optimizer, w)
        step = torch.compile(step) if compiled else step
        for i in range(8):
            if i == 5:
                CHANGES[name](w, optimizer)
            step()
        found.append(w.detach().numpy().copy())
    np.testing.assert_allclose(found[1], found[0], rtol=1e-5)


def test_a_gradient_that_is_kept_stays_as_it_is():
    w = weight()
    step = torch.compile(stepping(torch.optim.SGD([w], lr=0.1), w))
    for _ in range(4):
        step()
    first = w.grad
    before = first.numpy().copy()
    step()
    np.testing.assert_array_equal(first.numpy(), before)
    assert w.grad is not first and step.compiled


def test_what_was_passed_is_given_back_itself():
    w = weight()

    def f(w):
        with torch.no_grad():
            w -= 0.5
        return w, (w * 2).sum().item()

    step = torch.compile(f)
    for _ in range(5):
        assert step(w)[0] is w
    np.testing.assert_array_equal(w.detach().numpy(), np.float32([-1.5, -4.5, 0.5]))


def test_a_hook_runs_each_time():
    w, seen = weight(), []
    w.register_hook(lambda g: seen.append(1))
    step = torch.compile(stepping(torch.optim.SGD([w], lr=0.1), w))
    for _ in range(6):
        step()
    assert len(seen) == 6


def test_another_parameter_by_the_same_name():
    w = weight()

    def f():
        loss = (w * w).sum()
        loss.backward()
        return loss

    step = torch.compile(f)
    for _ in range(5):
        w.grad = None
        step()
    w = weight()
    step()
    np.testing.assert_array_equal(w.grad.numpy(), np.float32([2, -4, 6]))


@pytest.mark.parametrize("x", [
    torch.zeros(0), torch.tensor(3.0), torch.arange(12.0)[::2], torch.ones(3, 1).expand(3, 4), torch.tensor([np.nan, np.inf, -np.inf]),
    torch.arange(4), torch.tensor([True, False]), torch.ones(3, dtype=torch.float64), torch.ones(3, dtype=torch.float16),
    torch.arange(6.0).reshape(2, 3).T,
], ids=["empty", "0-dim", "strided", "expanded", "not finite", "int", "bool", "float64", "float16", "turned"])  # fmt: skip
def test_inputs_of_all_kinds(x):
    def f(x):
        return (x * 2 + 1).sum(), x + x

    step = torch.compile(f)
    for _ in range(5):
        for a, b in zip(step(x), f(x)):
            assert a.dtype == b.dtype
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-6)


def test_an_error_within_leaves_what_it_leaves_in_eager_mode():
    w = weight()
    optimizer = torch.optim.SGD([w], lr=0.1)

    def f(x):
        optimizer.zero_grad()
        loss = (w * x).sum()
        loss.backward()
        optimizer.step()
        return loss

    step = torch.compile(f)
    for _ in range(4):
        step(torch.ones(3))
    before = w.detach().clone()
    with pytest.raises(RuntimeError, match="must match"):
        step(torch.ones(2))
    assert torch.equal(w.detach(), before)
    assert step(torch.ones(3)).item() == pytest.approx(before.sum().item(), rel=1e-6)


def test_modes_tell_calls_apart():
    w = weight()
    step = torch.compile(lambda: (torch.zeros(3) + w).sum())
    with torch.no_grad():
        for _ in range(4):
            assert not step().requires_grad
    assert step().requires_grad
    torch.set_default_dtype(torch.float64)
    try:
        assert step().dtype == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_two_threads():
    step, wrong = torch.compile(lambda x: (x * 2 + 1).sum()), []
    for _ in range(4):
        step(torch.ones(64))

    def many(k):
        x = torch.full((64,), float(k))
        wrong.extend(k for _ in range(200) if step(x).item() != 64 * (2 * k + 1))

    threads = [Thread(target=many, args=(k,)) for k in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert wrong == []


@pytest.mark.parametrize("shift", [0, 3, 9, 10])
def test_what_is_trained_may_lie_within_other_data(shift):
    """Memory that both look into is changed by an update; behind the end of one the other is its own."""

    def losses(compiled):
        memory = np.arange(20, dtype=np.float32) / 10
        w, x = torch.from_numpy(memory[:10]).requires_grad_(), torch.from_numpy(memory[shift : shift + 10])
        optimizer = torch.optim.SGD([w], lr=0.01)

        def step():
            optimizer.zero_grad()
            loss = (w * x).sum()
            loss.backward()
            optimizer.step()
            return loss

        step = torch.compile(step) if compiled else step
        found = [step().item() for _ in range(5)]
        return found, compiled and (step.compiled or step.report())

    eager, _ = losses(False)
    found, told = losses(True)
    np.testing.assert_allclose(found, eager, rtol=1e-6)
    assert told is True if shift == 10 else "share memory" in told


class Config:
    scale = 2.0


def test_an_attribute_of_a_class_that_changes():
    step, x = torch.compile(lambda x: (x * Config.scale).sum()), torch.ones(3)
    try:
        for Config.scale in (2.0, 2.0, 2.0, 2.0, 5.0, 5.0, 5.0, 5.0, 2.0):
            assert step(x).item() == 3 * Config.scale
    finally:
        Config.scale = 2.0
    assert step.compiled or "recorded" in step.report()


def test_an_attribute_that_an_object_has_from_its_class():
    class Scaled:
        by = 2.0

        def step(self, x):
            return (x * self.by).sum()

    step, x = torch.compile(Scaled().step), torch.ones(3)
    for Scaled.by in (2.0, 2.0, 2.0, 2.0, 5.0, 5.0):
        assert step(x).item() == 3 * Scaled.by


def test_a_variable_of_another_module_that_changes(monkeypatch):
    settings = types.ModuleType("settings_of_a_program")
    monkeypatch.setitem(globals(), "settings_of_a_program", settings)
    step, x = torch.compile(lambda x: (x * settings_of_a_program.scale).sum()), torch.ones(3)  # noqa: F821
    for settings.scale in (2.0, 2.0, 2.0, 2.0, 5.0, 5.0):
        assert step(x).item() == 3 * settings.scale


def test_what_a_called_function_has_from_outside():
    scale, calls = 2.0, 0

    def scaled(x):
        nonlocal calls
        calls += 1
        return x * scale

    def plain(x):
        return x * scale

    counting, step, x = torch.compile(lambda x: scaled(x).sum()), torch.compile(lambda x: plain(x).sum()), torch.ones(3)
    for scale in (2.0, 2.0, 2.0, 2.0, 5.0, 5.0):  # noqa: B007
        assert step(x).item() == 3 * scale and counting(x).item() == 3 * scale
    assert calls == 6


def test_repeat_goes_by_what_it_is_given():
    w = torch.zeros(2)

    @torch.compile
    def step(by):
        w.add_(by)
        return w.sum()

    for _ in range(4):
        step(1.0)
    assert step.repeat(3, 10.0).tolist() == [28.0, 48.0, 68.0]
    assert step.repeat(2, 1.0).tolist() == [70.0, 72.0]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_repeat_under_anomaly_detection_is_eager():
    w = torch.ones(2, requires_grad=True)

    @torch.compile
    def step(x):
        w.grad = None
        (w * x).log().sum().backward()
        return w.grad.sum()

    for _ in range(4):
        step(torch.ones(2))
    with torch.autograd.detect_anomaly(), pytest.raises(RuntimeError, match="nan"):
        step.repeat(2, torch.full((2,), float("nan")))


def test_an_argument_that_is_written_to_counts_its_versions():
    step = torch.compile(lambda x: x.add_(1).sum())
    x = torch.zeros(3)
    for turn in range(1, 7):
        step(x)
        assert x._version == turn
    assert step.compiled
    step.repeat(3, x)
    assert x._version == 9 and x.tolist() == [9.0] * 3


def test_whole_or_an_error_each_time():
    step = torch.compile(lambda x: x * 2 if x.sum() > 0 else x, fullgraph=True)
    for _ in range(3):
        with pytest.raises(RuntimeError, match="compiled whole"):
            step(torch.ones(2))


def test_what_is_read_of_tensors_outside_is_looked_at_again():
    flag, target, x = torch.tensor(1.0), torch.tensor([1, 0, 2]), torch.ones(3)

    @torch.compile
    def step(x):
        y = x * 2 if flag else x * 3
        if (target == 0).any():
            y = y + 1
        return y * flag.item() + sum(target.tolist())

    for _ in range(4):
        assert step(x).tolist() == [6.0] * 3
    assert step.compiled and step.latest.machine.whole
    flag.fill_(2.0)
    assert step(x).tolist() == [9.0] * 3
    target[1] = 3
    for _ in range(4):
        assert step(x).tolist() == [10.0] * 3
    assert step.compiled
    flag.zero_()
    assert step(x).tolist() == [6.0] * 3
    assert "flag holds other entries" in " ".join(step.retired)


def test_numbers_read_of_arguments_are_looked_at_again():
    @torch.compile
    def step(x, n):
        return x[: n.item()] * 2

    for _ in range(4):
        assert step(torch.ones(5), torch.tensor(3)).shape == (3,)
    assert step.compiled
    assert step(torch.ones(5), torch.tensor(2)).shape == (2,)


def test_what_is_decided_by_may_change_in_numpy():
    flag, x = torch.ones(2), torch.ones(3)

    @torch.compile
    def step():
        return x * 2 if (flag > 0).any() else x * 3

    for _ in range(5):
        assert step().tolist() == [2.0] * 3
    assert step.compiled
    flag.numpy()[...] = -1
    assert step().tolist() == [3.0] * 3


def test_an_array_of_numpys_that_changes():
    scale, flag, x = np.ones(3, np.float32), np.ones(2), torch.ones(3)

    @torch.compile
    def step():
        return (x * torch.tensor(scale) if flag.any() else x - 1).sum()

    for _ in range(4):
        assert step().item() == 3.0
    assert step.compiled
    scale[0] = 5
    assert step().item() == 7.0
    flag[...] = 0
    assert step().item() == 0.0


def test_decisions_by_what_the_step_changes_are_pythons():
    count = torch.zeros(())

    @torch.compile
    def step():
        count.add_(1)
        return torch.ones(2) if count > 3 else torch.zeros(2)

    assert [step().sum().item() for _ in range(6)] == [0.0, 0.0, 0.0, 2.0, 2.0, 2.0]
    assert not step.compiled
