"""A compiled step does what the function does."""

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.native import kernels

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")


def by_hand():
    w, b = torch.tensor(0.5, requires_grad=True), torch.tensor(0.1, requires_grad=True)
    x = torch.tensor([1.0, 2.0, 3.0, 4.0])
    y = 2 * x + 1

    def step():
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w.sub_(0.01 * w.grad)
            b.sub_(0.01 * b.grad)
        w.grad.zero_()
        b.grad.zero_()
        return loss

    return step, [w, b]


def trained(model, optimizer, loss_function, x, y):
    def step():
        optimizer.zero_grad()
        loss = loss_function(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step, list(model.parameters())


def regression(make):
    def build():
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 3), nn.Tanh(), nn.Linear(3, 1))
        return trained(model, make(model.parameters()), nn.MSELoss(), torch.randn(6, 5), torch.randn(6, 1))

    return build


def classification():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 7), nn.Sigmoid(), nn.Linear(7, 3))
    y = torch.randint(0, 3, (6,))
    return trained(model, torch.optim.Adam(model.parameters(), lr=0.01), nn.CrossEntropyLoss(), torch.randn(6, 5), y)


CASES = {
    "by hand": by_hand,
    "sgd": regression(lambda p: torch.optim.SGD(p, lr=0.1)),
    "momentum": regression(lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01)),
    "nesterov": regression(lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True)),
    "adam": regression(lambda p: torch.optim.Adam(p, lr=0.01)),
    "adamw": regression(lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1)),
    "amsgrad": regression(lambda p: torch.optim.Adam(p, lr=0.01, amsgrad=True)),
    "rmsprop": regression(lambda p: torch.optim.RMSprop(p, lr=0.01, momentum=0.5)),
    "adagrad": regression(lambda p: torch.optim.Adagrad(p, lr=0.1)),
    "classification": classification,
}


@pytest.mark.parametrize("case", CASES)
def test_same_losses_and_parameters(case):
    eager, theirs = CASES[case]()
    function, mine = CASES[case]()
    step = torch.compile(function)
    expected = [eager().item() for _ in range(30)]
    found = [step().item() for _ in range(10)] + step.repeat(20).tolist()
    assert step.compiled, step.report()
    np.testing.assert_allclose(found, expected, rtol=1e-3)
    for a, b in zip(mine, theirs):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=2e-3, atol=1e-5)
        assert (a.grad is None) is (b.grad is None)
        if a.grad is not None:
            np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=5e-3, atol=1e-5)


def test_a_scheduled_learning_rate_is_an_input():
    torch.manual_seed(0)
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)

    @torch.compile
    def step():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        optimizer.step()
        return loss

    for _ in range(4):
        step()
    before = w.detach().clone()
    optimizer.param_groups[0]["lr"] = 0.25
    step()
    assert step.compiled
    np.testing.assert_allclose(w.detach().numpy(), before.numpy() * 0.5, rtol=1e-6)


def test_a_decision_by_values_stays_in_python():
    w = torch.tensor([1.0], requires_grad=True)

    @torch.compile
    def step():
        loss = (w * w).sum()
        if loss > 0.5:
            return loss * 2
        return loss

    assert [step().item() for _ in range(4)] == [2.0] * 4
    assert not step.compiled
    assert "decides by the value of a tensor" in step.report()


def test_another_batch_size_is_recorded_anew_and_kept():
    @torch.compile
    def f(x):
        return (x * 2 + 1).sum()

    for n in (3, 5, 3, 5, 3, 5, 3, 5):
        assert f(torch.ones(n)).item() == 3 * n
    assert f.compiled
    assert f.recordings == 4


def test_a_number_that_the_code_uses_is_a_guard():
    settings = {"scale": 2.0}
    scale = 2.0

    def f(x):
        return (x * scale * settings["scale"]).sum()

    step = torch.compile(f)
    for _ in range(4):
        assert step(torch.ones(3)).item() == 12
    assert step.compiled
    scale = 5.0
    for _ in range(4):
        assert step(torch.ones(3)).item() == 30
    settings["scale"] = 1.0
    assert step(torch.ones(3)).item() == 15


def test_difference_changes_nothing():
    function, params = CASES["adam"]()
    step = torch.compile(function)
    for _ in range(4):
        step()
    before = [p.detach().clone() for p in params]
    assert step.difference().ulps < 1000
    assert all(torch.equal(a, b) for a, b in zip(params, before))


@pytest.mark.parametrize("stage", ["program", "loops", "llvm", "assembly"])
def test_show(stage):
    function, _ = CASES["sgd"]()
    step = torch.compile(function)
    for _ in range(3):
        step()
    text = step.show(stage)
    assert {"program": "dot", "loops": "store", "llvm": "define", "assembly": "ret"}[stage] in text


def test_repeat_counts_steps():
    function, _ = CASES["adam"]()
    step = torch.compile(function)
    assert step.repeat(0).tolist() == []
    assert len(step.repeat(25)) == 25
    with pytest.raises(ValueError, match="number of steps"):
        step.repeat(-1)


class Trainer:
    def __init__(self):
        self.w = torch.tensor([1.0, 2.0], requires_grad=True)

    @torch.compile
    def step(self):
        loss = (self.w * self.w).sum()
        loss.backward()
        with torch.no_grad():
            self.w -= 0.1 * self.w.grad
            self.w.grad.zero_()
        return loss


def test_a_method_is_a_step_for_each_object_also_for_copies():
    from copy import deepcopy

    one = Trainer()
    first = [one.step().item() for _ in range(5)]
    other = deepcopy(one)
    assert one.step.compiled
    np.testing.assert_allclose([other.step().item() for _ in range(5)], [5.0 * 0.64 ** (k + 5) for k in range(5)], rtol=1e-4)
    np.testing.assert_allclose(first, [5.0 * 0.64**k for k in range(5)], rtol=1e-4)
    assert one.step().item() == pytest.approx(5.0 * 0.64**5, rel=1e-4)


def test_inputs_that_always_differ_are_left_alone_before_long():
    from chainrule.compiler.step import MOST_RECORDINGS

    @torch.compile
    def f(x):
        return (x * 2).sum()

    with pytest.warns(UserWarning, match="has been recorded 16 times"):
        for n in range(1, 100):
            assert f(torch.ones(n)).item() == 2 * n
    assert f.recordings == MOST_RECORDINGS
    assert len(f.plans) <= 32


def test_results_do_not_depend_on_the_number_of_threads():
    found = []
    before = torch.get_num_threads()
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            torch.manual_seed(0)
            x, w = torch.randn(700, 300), torch.randn(300, 200, requires_grad=True)

            @torch.compile
            def step(x=x, w=w):
                w.grad = None
                loss = nn.functional.softmax(x @ w, 1).square().mean()
                loss.backward()
                return loss

            for _ in range(4):
                loss = step()
            assert step.compiled, step.report()
            found.append((loss.item(), w.grad.numpy().copy()))
    finally:
        torch.set_num_threads(before)
    assert len({loss for loss, _ in found}) == 1
    assert all(np.array_equal(found[0][1], grad) for _, grad in found[1:])


def test_a_profiler_is_no_obstacle():
    import cProfile

    function, _ = CASES["sgd"]()
    step = torch.compile(function)
    profile = cProfile.Profile()
    profile.enable()
    losses = [step().item() for _ in range(4)]
    profile.disable()
    assert losses[3] < losses[0]


def test_pieces_do_not_disturb_each_others_sums():
    torch.manual_seed(0)
    x = torch.randn(128, 32, 64, requires_grad=True)

    @torch.compile
    def f(x):
        with torch.no_grad():
            return (x * 2).mean(dim=1)

    expected = 2 * x.detach().numpy().mean(1)
    for _ in range(200):
        np.testing.assert_allclose(f(x).numpy(), expected, rtol=1e-4, atol=1e-5)
    assert f.compiled


def test_gradients_that_nobody_holds_are_made_in_the_same_memory_again():
    w = torch.randn(300, requires_grad=True)

    @torch.compile
    def step():
        w.grad = None
        loss = (w * w).sum()
        loss.backward()
        return loss

    for _ in range(3):
        step()
    places = set()
    for _ in range(3):
        step()
        places.add(w.grad.numpy().__array_interface__["data"][0])
    assert len(places) == 1
    held = w.grad
    before = held.numpy().copy()
    with torch.no_grad():
        w.mul_(2)
    step()
    assert w.grad.numpy().__array_interface__["data"][0] not in places
    np.testing.assert_array_equal(held.numpy(), before)


@pytest.mark.parametrize("size", [1, 3, 16, 17])
def test_small_weights_go_from_step_to_step_as_in_eager_steps(size):
    """Up to 16 entries they are not in memory meanwhile; afterwards they are, also where a step reads them turned or in part."""

    def setup():
        torch.manual_seed(size)
        w, v = torch.randn(size, requires_grad=True), torch.randn(2, 2, requires_grad=True)
        x, scale, chosen = torch.randn(40, size), torch.rand(size, dtype=torch.float64), torch.rand(size) > 0.5
        optimizer = torch.optim.SGD([w, v], lr=0.05, momentum=0.5)

        def step():
            optimizer.zero_grad()
            kept = torch.where(chosen, w, w * 0.5) * scale.float()
            loss = (x @ kept).tanh().pow(2).mean() + (v @ v.T)[1].sum() ** 2 + w[::2].abs().mean()
            loss.backward()
            optimizer.step()
            return loss

        return step, [w, v]

    eager, expected = setup()
    losses = [eager().item() for _ in range(30)]
    plain, found = setup()
    step = torch.compile(plain)
    compiled = [step().item() for _ in range(3)] + step.repeat(26).tolist() + [step().item()]
    assert step.compiled and "in between" not in step.report()
    np.testing.assert_allclose(compiled, losses, rtol=1e-4, atol=1e-5)
    for a, b in zip(found, expected):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-4, atol=1e-5)
