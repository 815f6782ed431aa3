"""Mixed precision: switched off where it would bring nothing, and a loss scaler that does what its rule says."""

import pytest

import chainrule as cr


def library(name):
    return cr if name == "chainrule" else pytest.importorskip("torch")


@pytest.mark.parametrize("options", [{"device_type": "cuda"}, {"device_type": "cpu", "dtype": cr.float32}, {"device_type": "cpu"}])
def test_autocast_says_that_it_is_off(options):
    with pytest.warns(UserWarning, match="Disabling autocast."), cr.autocast(**options):
        assert (cr.ones(2, 2) @ cr.ones(2, 2)).dtype is cr.float32
        assert not cr.is_autocast_enabled()
        assert not cr.is_autocast_enabled("cpu")


def test_autocast_warns_as_pytorch_does():
    torch = pytest.importorskip("torch")
    for build, place in (
        (lambda t: t.autocast("cuda"), 0),
        (lambda t: t.autocast("cpu", dtype=t.float32), 0),
        (lambda t: t.amp.GradScaler(), 0),
    ):
        with pytest.warns(UserWarning) as theirs:
            build(torch)
        with pytest.warns(UserWarning) as ours:
            build(cr)
        assert str(ours[place].message) == str(theirs[place].message)


def test_autocast_as_a_decorator_and_switched_off():
    @cr.autocast("cuda", enabled=False)
    def double(x):
        return x * 2

    assert double(cr.ones(1)).item() == 2
    assert double.__name__ == "double"
    with cr.cuda.amp.autocast(enabled=False):
        assert cr.get_autocast_dtype("cpu") is cr.bfloat16
    with pytest.raises(RuntimeError, match="device type at start of device string: moon"):
        cr.autocast("moon")


def scaled_training(torch, steps=7, overflow_at=(2, 3)):
    """Weights, scale and tracker after each step of a small run in which some gradients overflow."""
    torch.manual_seed(0)
    model = torch.nn.Linear(3, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=8.0, growth_interval=2)
    seen = []
    for i in range(steps):
        optimizer.zero_grad()
        loss = model(torch.ones(2, 3)).square().mean()
        scaler.scale(loss).backward()
        if i in overflow_at:
            model.weight.grad[0, 0] = float("inf")
        if i % 2:
            scaler.unscale_(optimizer)
            torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        scaler.step(optimizer)
        scaler.update()
        seen += [*model.weight.detach().flatten().tolist(), scaler.get_scale(), scaler.state_dict()["_growth_tracker"]]
    return seen


def test_the_loss_scale():
    assert scaled_training(cr)[-2:] == [8.0, 1]
    torch = pytest.importorskip("torch")
    assert scaled_training(cr) == pytest.approx(scaled_training(torch), rel=1e-6)


MISUSE = {
    "step before scale": lambda s, o: s.step(o),
    "update before scale": lambda s, o: s.update(),
    "unscale before scale": lambda s, o: s.unscale_(o),
    "unscale twice": lambda s, o: (s.scale(o.loss).backward(), s.unscale_(o), s.unscale_(o)),
    "step twice": lambda s, o: (s.scale(o.loss).backward(), s.step(o), s.step(o)),
    "unscale after step": lambda s, o: (s.scale(o.loss).backward(), s.step(o), s.unscale_(o)),
    "empty state": lambda s, o: s.load_state_dict({}),
}


@pytest.mark.parametrize("use", MISUSE.values(), ids=MISUSE)
def test_misuse(use):
    def error(torch):
        model = torch.nn.Linear(1, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        optimizer.loss = model(torch.ones(1, 1)).sum()
        with pytest.raises((AssertionError, RuntimeError)) as caught:
            use(torch.amp.GradScaler("cpu"), optimizer)
        return type(caught.value), str(caught.value).splitlines()[0]

    ours = error(cr)
    assert ours == error(pytest.importorskip("torch"))


def test_a_scaler_for_a_gpu_passes_everything_on():
    with pytest.warns(UserWarning, match="torch.cuda.amp.GradScaler is enabled, but CUDA is not available.  Disabling."):
        scaler = cr.cuda.amp.GradScaler()
    w = cr.ones(1, requires_grad=True)
    optimizer = cr.optim.SGD([w], lr=0.1)
    scaler.scale(w.sum()).backward()
    scaler.unscale_(optimizer)
    scaler.step(optimizer)
    scaler.update()
    assert w.item() == pytest.approx(0.9)
    assert (scaler.is_enabled(), scaler.get_scale(), scaler.state_dict()) == (False, 1.0, {})


def test_state():
    scaler = cr.amp.GradScaler("cpu", init_scale=4.0)
    other = cr.amp.GradScaler("cpu")
    other.load_state_dict(scaler.state_dict())
    assert other.state_dict() == scaler.state_dict()
    assert scaler.state_dict()["scale"] == 4.0
    with pytest.raises(AssertionError, match="The growth factor must be > 1.0"):
        cr.amp.GradScaler("cpu", growth_factor=1.0)


def test_the_switches_remember_what_they_are_told():
    """PyTorch's CPU build answers the same, but for whether mixed precision is on."""

    def told(lib):
        answers = [lib.get_autocast_dtype(kind) for kind in ("cpu", "cuda", "xla")]
        lib.set_autocast_dtype("cpu", lib.float16)
        lib.set_autocast_dtype("cuda", lib.bfloat16)
        answers += [lib.get_autocast_dtype("cpu"), lib.get_autocast_dtype("cuda")]
        lib.set_autocast_dtype("cpu", lib.bfloat16)
        lib.set_autocast_dtype("cuda", lib.float16)
        answers += [lib.autocast_increment_nesting(), lib.autocast_increment_nesting()]
        answers += [lib.autocast_decrement_nesting(), lib.autocast_decrement_nesting()]
        lib.set_autocast_cache_enabled(False)
        answers.append(lib.is_autocast_cache_enabled())
        lib.set_autocast_cache_enabled(True)
        answers += [lib.is_autocast_cache_enabled(), lib.clear_autocast_cache(), lib.set_autocast_enabled("cpu", False)]
        answers += [lib.is_vulkan_available(), lib.is_warn_always_enabled(), lib.get_device_module("cpu").__name__.split(".")[1]]
        lib.set_warn_always(True)
        answers.append(lib.is_warn_always_enabled())
        lib.set_warn_always(False)
        lib.set_anomaly_enabled(True)
        answers.append(lib.is_anomaly_enabled())
        lib.set_anomaly_enabled(False)
        return [str(a) for a in (*answers, lib.is_anomaly_enabled())]

    assert told(cr) == told(pytest.importorskip("torch"))
    with pytest.raises(RuntimeError, match="setWarnOnlyOnce expects a bool, but got int"):
        cr.set_warn_always(1)
    with pytest.raises(TypeError, match="argument 'dtype' must be torch.dtype, not str"):
        cr.set_autocast_dtype("cpu", "half")


def test_mixed_precision_that_is_asked_for_stays_off_and_says_so():
    for ask in (lambda: cr.set_autocast_enabled("cpu", True), lambda: cr.set_autocast_enabled(True), lambda: cr.set_autocast_cpu_enabled(True)):
        with pytest.warns(UserWarning, match="Disabling autocast."):
            ask()
    assert not cr.is_autocast_enabled("cpu") and not cr.is_autocast_enabled()


def test_tensors_made_in_inference_mode_are_like_others():
    with cr.inference_mode():
        x = cr.ones(2)
    assert not cr.is_inference(x) and not x.is_inference()
    assert (x * cr.ones(2, requires_grad=True)).requires_grad
