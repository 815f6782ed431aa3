"""Learning-rate schedules: each formula from its beginning, then PyTorch's rates, states, warnings and errors."""

import math
import pickle
import warnings

import numpy as np
import pytest

import chainrule
from chainrule.optim import lr_scheduler as schedulers


def optimizer(lib, groups=1, lr=0.1, momentum=0.9):
    params = [{"params": [lib.ones(1, requires_grad=True)], "lr": lr * (i + 1)} for i in range(groups)]
    return lib.optim.SGD(params, lr=lr, momentum=momentum)


def rates(made, scheduler, steps, metrics=None):
    """The rates (and momenta) of all groups after each step."""
    found = []
    for i in range(steps):
        made.step()
        scheduler.step(*(() if metrics is None else (metrics[i],)))
        found.append([x for g in made.param_groups for x in (g["lr"], g["momentum"])])
    return found


def first(name, steps, *args, **how):
    made = optimizer(chainrule)
    scheduler = getattr(schedulers, name)(made, *args, **how)
    start = made.param_groups[0]["lr"]
    return [start] + [r[0] for r in rates(made, scheduler, steps)]


def test_formulas():
    approx = pytest.approx
    assert first("StepLR", 5, 2) == approx([0.1, 0.1, 0.01, 0.01, 0.001, 0.001])
    assert first("MultiStepLR", 4, [1, 3, 3]) == approx([0.1, 0.01, 0.01, 0.0001, 0.0001])
    assert first("ConstantLR", 3, 0.5, 2) == approx([0.05, 0.05, 0.1, 0.1])
    assert first("LinearLR", 5, 0.2, 1.0, 4) == approx([0.02, 0.04, 0.06, 0.08, 0.1, 0.1])
    assert first("ExponentialLR", 3, 0.5) == approx([0.1, 0.05, 0.025, 0.0125])
    assert first("PolynomialLR", 5, 4, 2.0) == approx([0.1, 0.1 * (3 / 4) ** 2, 0.1 / 4, 0.1 / 16, 0.0, 0.0])
    assert first("CosineAnnealingLR", 4, 4, 0.02) == approx([0.02 + 0.04 * (1 + math.cos(math.pi * t / 4)) for t in range(5)])
    assert first("LambdaLR", 3, lambda e: 1 / (1 + e)) == approx([0.1, 0.05, 0.1 / 3, 0.025])
    assert first("MultiplicativeLR", 3, lambda e: 0.9) == approx([0.1, 0.09, 0.081, 0.0729])
    assert first("CosineAnnealingWarmRestarts", 6, 2, 2) == approx([0.1, 0.05, 0.1, *(0.05 * (1 + math.cos(math.pi * t / 4)) for t in (1, 2, 3)), 0.1])
    assert first("CyclicLR", 6, 0.1, 0.4, 3) == approx([0.1, 0.2, 0.3, 0.4, 0.3, 0.2, 0.1])


CASES = [
    ("StepLR", (3,), {}), ("MultiStepLR", ([2, 5, 5],), {"gamma": 0.5}), ("ConstantLR", (), {}), ("LinearLR", (), {}),
    ("LinearLR", (0.5, 0.1, 7), {}), ("ExponentialLR", (0.9,), {}), ("PolynomialLR", (7, 2.0), {}), ("CosineAnnealingLR", (6, 0.01), {}),
    ("CosineAnnealingWarmRestarts", (3, 2, 0.01), {}), ("CosineAnnealingWarmRestarts", (4,), {}), ("CyclicLR", (0.01, 0.2, 4), {}),
    ("CyclicLR", (0.01, 0.2, 4), {"mode": "triangular2"}), ("CyclicLR", (0.01, 0.2, 4, 3), {"mode": "exp_range", "gamma": 0.9}),
    ("CyclicLR", (0.01, 0.2, 4), {"scale_fn": lambda x: 0.5**x, "scale_mode": "iterations"}),
    ("CyclicLR", ([0.01, 0.02], [0.1, 0.3], 3), {"base_momentum": 0.7, "max_momentum": [0.8, 0.95]}),
    ("CyclicLR", (0.01, 0.2, 4), {"cycle_momentum": False}), ("OneCycleLR", (0.5, 25), {}), ("OneCycleLR", ([0.5, 0.2], 25), {}),
    ("OneCycleLR", (0.5, 25), {"three_phase": True, "anneal_strategy": "linear"}), ("OneCycleLR", (0.5,), {"epochs": 5, "steps_per_epoch": 6}),
    ("OneCycleLR", (0.5, 30), {"pct_start": 0.5, "div_factor": 10, "final_div_factor": 100, "cycle_momentum": False}),
    ("LambdaLR", ([lambda e: 1 / (1 + e), lambda e: 0.5**e],), {}), ("MultiplicativeLR", (lambda e: 0.95,), {}),
]  # fmt: skip
IDS = [f"{name}{args if 'Lambda' not in name and 'Mult' not in name else ''}{list(how)}" for name, args, how in CASES]


@pytest.mark.parametrize(("name", "args", "how"), CASES, ids=IDS)
def test_rates_like_torch(name, args, how):
    torch = pytest.importorskip("torch")
    found = []
    for lib in (chainrule, torch):
        made = optimizer(lib, groups=2)
        scheduler = getattr(lib.optim.lr_scheduler, name)(made, *args, **how)
        found.append([scheduler.get_last_lr() * 2, *rates(made, scheduler, 24), scheduler.get_last_lr() * 2])
    np.testing.assert_allclose(*found, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(("name", "args", "how"), [c for c in CASES if "scale_fn" not in c[2]], ids=[i for i, c in zip(IDS, CASES) if "scale_fn" not in c[2]])
def test_a_schedule_can_be_interrupted(name, args, how):
    whole, broken, resumed = (optimizer(chainrule, groups=2) for _ in range(3))
    expected = rates(whole, getattr(schedulers, name)(whole, *args, **how), 10)
    before = getattr(schedulers, name)(broken, *args, **how)
    rates(broken, before, 6)
    state = before.state_dict()
    if name not in ("LambdaLR", "MultiplicativeLR"):
        state = pickle.loads(pickle.dumps(state))
    after = getattr(schedulers, name)(resumed, *args, **how)
    resumed.load_state_dict(broken.state_dict())
    after.load_state_dict(state)
    assert rates(resumed, after, 4) == expected[6:]


PLATEAUS = [
    {}, {"patience": 1}, {"patience": 1, "mode": "max"}, {"patience": 0, "factor": 0.5, "min_lr": [0.01, 0.02]},
    {"patience": 1, "threshold": 0.5, "threshold_mode": "abs"}, {"patience": 0, "cooldown": 2}, {"patience": 0, "eps": 0.05},
    {"patience": 0, "mode": "max", "threshold_mode": "abs", "threshold": 0.1}, {"patience": 2, "factor": 0.5, "cooldown": 1},
]  # fmt: skip
METRICS = [5, 4, 4, 4, 4.0001, 3, 3, 3, 3, 3, float("nan"), 2.9]


@pytest.mark.parametrize("how", PLATEAUS, ids=str)
def test_plateaus_like_torch(how):
    torch = pytest.importorskip("torch")
    found = []
    for lib in (chainrule, torch):
        made = optimizer(lib, groups=2)
        scheduler = lib.optim.lr_scheduler.ReduceLROnPlateau(made, **how)
        found.append((rates(made, scheduler, 12, METRICS), scheduler.best, scheduler.num_bad_epochs, scheduler.last_epoch, scheduler.get_last_lr()))
    assert found[0] == found[1]


def test_a_plateau():
    """Two epochs without improvement are borne; the third halves the rate."""
    made = optimizer(chainrule)
    scheduler = schedulers.ReduceLROnPlateau(made, patience=2, factor=0.5)
    assert [r[0] for r in rates(made, scheduler, 6, [1.0, 1.0, 1.0, 1.0, 0.5, 0.5])] == [0.1, 0.1, 0.1, 0.05, 0.05, 0.05]
    scheduler.step(chainrule.tensor(0.4))
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'metrics'. Write scheduler.step\\(loss\\)"):
        scheduler.step()
    other = schedulers.ReduceLROnPlateau(optimizer(chainrule))
    other.load_state_dict(scheduler.state_dict())
    assert other.best == pytest.approx(0.4) and other.patience == 2


def sequence(lib, made):
    s = lib.optim.lr_scheduler
    return s.SequentialLR(made, [s.LinearLR(made, 0.1, total_iters=4), s.CosineAnnealingLR(made, 10), s.ExponentialLR(made, 0.9)], [4, 12])


def chain(lib, made):
    s = lib.optim.lr_scheduler
    return s.ChainedScheduler([s.ConstantLR(made, 0.1, total_iters=4), s.ExponentialLR(made, 0.9)])


def nested(lib, made):
    s = lib.optim.lr_scheduler
    return s.SequentialLR(made, [s.ConstantLR(made, 0.5, 3), s.CosineAnnealingWarmRestarts(made, 3), s.StepLR(made, 2)], [3, 8])


@pytest.mark.parametrize("make", [sequence, chain, nested])
def test_combined_like_torch(make):
    torch = pytest.importorskip("torch")
    found = []
    for lib in (chainrule, torch):
        made = optimizer(lib, groups=2)
        scheduler = make(lib, made)
        found.append([scheduler.get_last_lr() * 2, *rates(made, scheduler, 20)])
    np.testing.assert_allclose(*found, rtol=1e-12)


@pytest.mark.parametrize("make", [sequence, chain])
def test_combined_can_be_interrupted(make):
    whole, broken, resumed = (optimizer(chainrule) for _ in range(3))
    expected = rates(whole, make(chainrule, whole), 14)
    before = make(chainrule, broken)
    rates(broken, before, 6)
    after = make(chainrule, resumed)
    resumed.load_state_dict(broken.state_dict())
    after.load_state_dict(pickle.loads(pickle.dumps(before.state_dict())))
    np.testing.assert_allclose(rates(resumed, after, 8), expected[6:], rtol=1e-12)


def test_adam_cycles_its_first_beta():
    torch = pytest.importorskip("torch")
    found = []
    for lib in (chainrule, torch):
        made = lib.optim.Adam([lib.ones(1, requires_grad=True)], lr=0.1)
        scheduler = lib.optim.lr_scheduler.OneCycleLR(made, [0.5], epochs=2, steps_per_epoch=5, three_phase=True)
        seen = []
        for _ in range(9):
            made.step()
            scheduler.step()
            seen.append((made.param_groups[0]["lr"], *made.param_groups[0]["betas"]))
        found.append(seen)
    np.testing.assert_allclose(*found, rtol=1e-12)


def test_resuming_by_last_epoch():
    torch = pytest.importorskip("torch")
    cases = [
        ("StepLR", (3,)), ("StepLR", (5,)), ("CosineAnnealingLR", (10,)), ("ExponentialLR", (0.9,)), ("LinearLR", ()), ("PolynomialLR", (7,)),
        ("LambdaLR", (lambda e: 0.9**e,)), ("MultiplicativeLR", (lambda e: 0.9,)), ("MultiStepLR", ([5, 6],)), ("ConstantLR", (0.5, 5)),
        ("CosineAnnealingWarmRestarts", (3,)), ("CyclicLR", (0.01, 0.1, 4)),
    ]  # fmt: skip
    for name, args in cases:
        found = []
        for lib in (chainrule, torch):
            made = optimizer(lib)
            made.param_groups[0]["initial_lr"] = 0.1
            scheduler = getattr(lib.optim.lr_scheduler, name)(made, *args, last_epoch=4)
            found.append([[made.param_groups[0]["lr"], scheduler.last_epoch], *rates(made, scheduler, 3)])
        np.testing.assert_allclose(*found, rtol=1e-12, err_msg=name)


def test_warm_restarts_at_fractions_of_an_epoch():
    torch = pytest.importorskip("torch")
    found = []
    for lib in (chainrule, torch):
        made = optimizer(lib)
        scheduler = lib.optim.lr_scheduler.CosineAnnealingWarmRestarts(made, 3, 2, 0.001)
        seen = []
        for epoch in (0, 0.5, 1, 2.9, 3, 4.5, 8.9, 9, 20.5):
            scheduler.step(epoch)
            seen.append((made.param_groups[0]["lr"], scheduler.T_cur, scheduler.T_i, scheduler.last_epoch))
        found.append(seen)
    np.testing.assert_allclose(*found, rtol=1e-9)


def test_a_schedule_of_ones_own():
    class Inverse(schedulers.LRScheduler):
        def get_lr(self):
            return [base / (1 + self.last_epoch) for base in self.base_lrs]

    made = optimizer(chainrule, groups=2)
    scheduler = Inverse(made)
    assert [r[::2] for r in rates(made, scheduler, 2)] == [[0.05, 0.1], pytest.approx([0.1 / 3, 0.2 / 3])]
    assert scheduler.last_epoch == 2 and made.param_groups[1]["initial_lr"] == 0.2


def test_the_attributes_of_callable_objects_are_saved():
    class Decay:
        def __init__(self, by):
            self.by = by

        def __call__(self, epoch):
            return self.by**epoch

    state = schedulers.LambdaLR(optimizer(chainrule), Decay(0.5)).state_dict()
    assert state["lr_lambdas"] == [{"by": 0.5}]
    other = schedulers.LambdaLR(optimizer(chainrule), Decay(0.1))
    other.load_state_dict(state)
    assert other.lr_lambdas[0].by == 0.5
    assert schedulers.LambdaLR(optimizer(chainrule), lambda e: 1).state_dict()["lr_lambdas"] == [None]


BEFORE = "Detected call of `lr_scheduler.step\\(\\)` before `optimizer.step\\(\\)`"


def test_the_order_of_steps_is_watched():
    made = optimizer(chainrule)
    scheduler = schedulers.StepLR(made, 2)
    with pytest.warns(UserWarning, match=BEFORE):
        scheduler.step()
    scheduler.step()  # said once
    with pytest.warns(UserWarning, match="The epoch parameter in `scheduler.step\\(\\)` was not necessary"):
        scheduler.step(5)
    assert scheduler.last_epoch == 5 and made.param_groups[0]["lr"] == pytest.approx(0.001)


@pytest.mark.parametrize("name", ["LBFGS", "Newton"])
def test_optimizers_with_a_step_of_their_own_are_watched_too(name):
    w = chainrule.ones(1, requires_grad=True)
    made = getattr(chainrule.optim, name)([w], lr=0.5)
    scheduler = schedulers.StepLR(made, 1)

    def closure():
        loss = (w**2).sum()
        if name == "LBFGS":
            made.zero_grad()
            loss.backward()
        return loss

    made.step(closure)
    scheduler.step()  # would warn, and a warning is an error here
    assert made.param_groups[0]["lr"] == pytest.approx(0.05)


def test_making_combined_schedules_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for make in (sequence, chain, nested):
            made = optimizer(chainrule)
            rates(made, make(chainrule, made), 13)


BAD = {
    "no optimizer": (lambda s, o: s.StepLR(3, 2), TypeError, "int is not an Optimizer"),
    "lambdas": (lambda s, o: s.LambdaLR(o, [abs, abs]), ValueError, "Expected 1 lr_lambdas, but got 2"),
    "resuming": (lambda s, o: s.StepLR(o, 3, last_epoch=4), KeyError, "\"param 'initial_lr' is not specified in param_groups[0] when resuming scheduler with last_epoch >= 0"),
    "factor": (lambda s, o: s.ConstantLR(o, 2.0), ValueError, "Constant multiplicative factor expected to be between 0 and 1."),
    "start": (lambda s, o: s.LinearLR(o, 0.0), ValueError, "Starting multiplicative factor expected to be greater than 0 and less or equal to 1."),
    "end": (lambda s, o: s.LinearLR(o, end_factor=2.0), ValueError, "Ending multiplicative factor expected to be between 0 and 1."),
    "T_0": (lambda s, o: s.CosineAnnealingWarmRestarts(o, 0), ValueError, "Expected positive integer T_0, but got 0"),
    "T_mult": (lambda s, o: s.CosineAnnealingWarmRestarts(o, 3, 0.5), ValueError, "Expected integer T_mult >= 1, but got 0.5"),
    "negative epoch": (lambda s, o: s.CosineAnnealingWarmRestarts(o, 3).step(-1), ValueError, "Expected non-negative epoch, but got -1"),
    "mode": (lambda s, o: s.CyclicLR(o, 0.1, 0.2, mode="x"), ValueError, "mode is invalid and scale_fn is None"),
    "base rates": (lambda s, o: s.CyclicLR(o, [0.1, 0.2], 0.3), ValueError, "base_lr must have the same length as optimizer.param_groups. base_lr has 2 values, param_groups has 1."),
    "steps": (lambda s, o: s.OneCycleLR(o, 0.1), ValueError, "You must define either total_steps OR (epochs AND steps_per_epoch)"),
    "negative steps": (lambda s, o: s.OneCycleLR(o, 0.1, -3), ValueError, "Expected positive integer total_steps, but got -3"),
    "pct_start": (lambda s, o: s.OneCycleLR(o, 0.1, 10, pct_start=2), ValueError, "Expected float between 0 and 1 pct_start, but got 2"),
    "strategy": (lambda s, o: s.OneCycleLR(o, 0.1, 10, anneal_strategy="x"), ValueError, "anneal_strategy must be one of 'cos' or 'linear', instead got x"),
    "one step too many": (lambda s, o: [(o.step(), one.step()) for one in [s.OneCycleLR(o, 0.1, 3)] for _ in range(5)], ValueError, "Tried to step 4 times. The specified number of total steps is 3"),
    "plateau factor": (lambda s, o: s.ReduceLROnPlateau(o, factor=1.0), ValueError, "Factor should be < 1.0."),
    "plateau mode": (lambda s, o: s.ReduceLROnPlateau(o, mode="x"), ValueError, "mode x is unknown!"),
    "plateau threshold": (lambda s, o: s.ReduceLROnPlateau(o, threshold_mode="x"), ValueError, "threshold mode x is unknown!"),
    "no schedules": (lambda s, o: s.SequentialLR(o, [], []), ValueError, "SequentialLR expects at least one scheduler, but got no scheduler."),
    "milestones": (lambda s, o: s.SequentialLR(o, [s.StepLR(o, 1), s.StepLR(o, 2)], [1, 2]), ValueError, "Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points"),
    "no chain": (lambda s, o: s.ChainedScheduler([]), ValueError, "ChainedScheduler expects at least one scheduler to be chained, but got no scheduler."),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name):
    call, error, words = BAD[name]
    with pytest.raises(error) as raised:
        call(schedulers, optimizer(chainrule))
    assert str(raised.value).startswith(words)


@pytest.mark.parametrize("name", BAD)
def test_bad_input_like_torch(name):
    torch = pytest.importorskip("torch")
    call, error, words = BAD[name]
    with pytest.raises(error) as raised:
        call(torch.optim.lr_scheduler, optimizer(torch))
    assert str(raised.value).startswith(words), "the words that are asserted here are PyTorch's"


def test_two_optimizers():
    one, other = optimizer(chainrule), optimizer(chainrule)
    for kind in (lambda s: schedulers.SequentialLR(one, s, [1]), schedulers.ChainedScheduler):
        with pytest.raises(ValueError, match="expects all schedulers to belong to the same optimizer, but got scheduler StepLR at index 1"):
            kind([schedulers.StepLR(one, 1), schedulers.StepLR(other, 2)])


def test_an_optimizer_without_momentum_is_not_cycled():
    made = chainrule.optim.Adagrad([chainrule.ones(1, requires_grad=True)])
    for make in (lambda: schedulers.OneCycleLR(made, 0.1, 3), lambda: schedulers.CyclicLR(made, 0.1, 0.2)):
        with pytest.raises(ValueError, match="optimizer must support momentum or beta1 with `cycle_momentum` option enabled"):
            make()
