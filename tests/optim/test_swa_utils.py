"""Averaged weights, their schedule, and hooks around an optimizer's state."""

import pytest

import chainrule as cr

RULES = {
    "the mean": lambda su: {},
    "ema": lambda su: {"avg_fn": su.get_ema_avg_fn(0.9)},
    "ema of lists": lambda su: {"multi_avg_fn": su.get_ema_multi_avg_fn(0.9)},
    "the mean of lists": lambda su: {"multi_avg_fn": su.get_swa_multi_avg_fn()},
    "buffers too": lambda su: {"use_buffers": True},
}


def trained(lib, rule, **schedule):
    su = lib.optim.swa_utils
    lib.manual_seed(0)
    model = lib.nn.Sequential(lib.nn.Linear(2, 2), lib.nn.BatchNorm1d(2))
    mean = su.AveragedModel(model, **RULES[rule](su))
    optimizer = lib.optim.SGD(model.parameters(), lr=0.05)
    scheduler = su.SWALR(optimizer, swa_lr=0.01, **schedule)
    rates = []
    for _ in range(6):
        optimizer.zero_grad()
        (model(lib.randn(8, 2)) - 1).square().mean().backward()
        optimizer.step()
        mean.update_parameters(model)
        scheduler.step()
        rates.append(scheduler.get_last_lr()[0])
    su.update_bn([lib.randn(8, 2), [lib.randn(8, 2), 1]], mean)
    return rates, {name: t.tolist() for name, t in mean.state_dict().items()}, mean.training


def flat(values):
    return [x for v in values for x in (flat(v) if isinstance(v, list) else [v])]


@pytest.mark.parametrize("rule", RULES)
def test_averages_are_torchs(rule):
    torch = pytest.importorskip("torch")
    pytest.importorskip("torch.optim.swa_utils")
    theirs, ours = (trained(lib, rule, anneal_epochs=4, anneal_strategy="linear") for lib in (torch, cr))
    assert ours[0] == pytest.approx(theirs[0])
    assert list(ours[1]) == list(theirs[1]) and ours[2] == theirs[2]
    for name in ours[1]:
        assert flat([ours[1][name]]) == pytest.approx(flat([theirs[1][name]]), rel=1e-4, abs=1e-6), name


def test_the_cosine_ends_at_the_rate_of_averaging():
    rates, _, _ = trained(cr, "the mean", anneal_epochs=4)
    assert rates == pytest.approx([0.0441421, 0.03, 0.0158579, 0.01, 0.01, 0.01], abs=1e-6)
    assert trained(cr, "the mean", anneal_epochs=0)[0] == pytest.approx([0.01] * 6)


def test_what_is_refused():
    su, optimizer = cr.optim.swa_utils, cr.optim.SGD([cr.ones(1)], lr=0.1)
    with pytest.raises(ValueError, match="anneal_strategy must be one of 'cos' or 'linear', instead got x"):
        su.SWALR(optimizer, 0.1, anneal_strategy="x")
    with pytest.raises(ValueError, match="anneal_epochs must be equal or greater than 0, got -1"):
        su.SWALR(optimizer, 0.1, anneal_epochs=-1)
    with pytest.raises(ValueError, match="Invalid decay value 1.5 provided"):
        su.get_ema_avg_fn(1.5)
    with pytest.raises(AssertionError, match="Only one of avg_fn and multi_avg_fn"):
        su.AveragedModel(cr.nn.ReLU(), avg_fn=su.get_swa_avg_fn(), multi_avg_fn=su.get_swa_multi_avg_fn())


def test_hooks_around_the_state():
    optimizer, seen = cr.optim.Adam([cr.ones(2, requires_grad=True)], lr=0.1), []
    handles = [
        optimizer.register_state_dict_pre_hook(lambda o: seen.append("saving")),
        optimizer.register_state_dict_post_hook(lambda o, state: {**state, "more": 1}),
        optimizer.register_load_state_dict_pre_hook(lambda o, state: seen.append(sorted(state))),
        optimizer.register_load_state_dict_pre_hook(lambda o, state: seen.append("first"), prepend=True),
        optimizer.register_load_state_dict_post_hook(lambda o: seen.append("loaded")),
    ]
    optimizer.load_state_dict(optimizer.state_dict())
    assert seen == ["saving", "first", ["more", "param_groups", "state"], "loaded"]
    for handle in handles:
        handle.remove()
    optimizer.load_state_dict(optimizer.state_dict())
    assert len(seen) == 4 and sorted(optimizer.state_dict()) == ["param_groups", "state"]


def test_the_mark_of_a_required_setting():
    from chainrule.optim.optimizer import required

    assert repr(required) == "<required parameter>"
