"""Functions and modules whose results have a history: compiled, they give the same results and the same gradients."""

import gc
import weakref
from collections import OrderedDict
from typing import NamedTuple

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.native import kernels

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")


def perceptron():
    return nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 3))


def convolutions():
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 3)
    )  # fmt: skip


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.memory, self.out = nn.Embedding(11, 6), nn.LSTM(6, 5, batch_first=True), nn.Linear(5, 2)

    def forward(self, x):
        states, _ = self.memory(self.words(x))
        return self.out(states[:, -1])


class Characters(nn.Module):
    """A GPT of one layer, attention written out."""

    def __init__(self):
        super().__init__()
        self.words, self.places = nn.Embedding(9, 8), nn.Embedding(5, 8)
        self.norm, self.attend, self.head = nn.LayerNorm(8), nn.Linear(8, 24), nn.Linear(8, 9, bias=False)
        self.mlp = nn.Sequential(nn.LayerNorm(8), nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 8))
        self.register_buffer("mask", torch.tril(torch.ones(5, 5)) == 0)

    def forward(self, tokens):
        x = self.words(tokens) + self.places(torch.arange(5))
        q, k, v = self.attend(self.norm(x)).split(8, dim=2)
        scores = (q @ k.transpose(-2, -1) / 8**0.5).masked_fill(self.mask, float("-inf"))
        x = x + torch.softmax(scores, -1) @ v
        return self.head(x + self.mlp(x))


def encoder(dropout):
    return lambda: nn.TransformerEncoderLayer(8, 2, 16, dropout=dropout, batch_first=True)


MODELS = {
    "perceptron": (perceptron, lambda: torch.randn(6, 5)),
    "convolutions": (convolutions, lambda: torch.randn(6, 1, 8, 8)),
    "recurrent": (Recurrent, lambda: torch.randint(0, 11, (4, 7))),
    "characters": (Characters, lambda: torch.randint(0, 9, (3, 5))),
    "encoder": (encoder(0.0), lambda: torch.randn(3, 5, 8)),
    "encoder that drops out": (encoder(0.1), lambda: torch.randn(3, 5, 8)),
    "dropout": (lambda: nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Dropout(0.5), nn.Linear(7, 3)), lambda: torch.randn(6, 5)),
}


def trained(make, inputs, compiled, turns=8, mode=lambda turn: True):
    """Losses, and the model, after some steps of training with the model compiled, or not."""
    torch.manual_seed(0)
    module, x = make(), inputs()
    model = torch.compile(module) if compiled else module
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    losses = []
    for turn in range(turns):
        model.train(mode(turn))
        optimizer.zero_grad()
        loss = (model(x) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, model


def close(a, b):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=2e-4, atol=2e-6)


def same_state(model, other):
    for p, q in zip([*model.parameters(), *model.buffers()], [*other.parameters(), *other.buffers()], strict=True):
        close(p.detach(), q.detach())


@pytest.mark.parametrize("case", MODELS)
def test_training_with_the_model_compiled(case):
    expected, plain = trained(*MODELS[case], compiled=False)
    found, model = trained(*MODELS[case], compiled=True)
    assert model.forward.compiled, model.report()
    close(found, expected)
    same_state(model, plain)


def test_both_modes_in_turns_are_recorded_once_each():
    mode = lambda turn: turn % 3 != 2  # noqa: E731
    expected, plain = trained(*MODELS["convolutions"], compiled=False, turns=20, mode=mode)
    found, model = trained(*MODELS["convolutions"], compiled=True, turns=20, mode=mode)
    close(found, expected)
    same_state(model, plain)
    assert model.forward.recordings == 4


def pair(make=perceptron, *inputs):
    """A module, and a copy of it that is compiled and has been called often enough."""
    torch.manual_seed(0)
    plain = make()
    torch.manual_seed(0)
    compiled = torch.compile(make())
    for _ in range(3):
        compiled(*inputs).sum().backward()
    assert compiled.forward.compiled, compiled.report()
    for _ in range(3):
        plain(*inputs).sum().backward()
    compiled.zero_grad()
    plain.zero_grad()
    return plain, compiled


def same_gradients(plain, compiled):
    for p, q in zip(plain.parameters(), compiled.parameters(), strict=True):
        assert (p.grad is None) is (q.grad is None)
        if p.grad is not None:
            close(q.grad, p.grad)


X, Z = torch.randn(6, 5), torch.randn(6, 5)


def test_several_calls_before_one_backward_pass():
    models = pair(perceptron, X)
    for model in models:
        ((model(X) - model(Z)) ** 2 + model(X + Z)).sum().backward()
    same_gradients(*models)


def test_gradients_are_added_up():
    models = pair(perceptron, X)
    for model in models:
        for _ in range(3):
            model(Z).sum().backward()
    same_gradients(*models)


def test_a_frozen_part_gets_no_gradient_and_thaws():
    model = perceptron()
    model[0].requires_grad_(False)
    compiled = torch.compile(model)
    for _ in range(4):
        compiled(X).sum().backward()
    assert compiled.forward.compiled
    assert model[0].weight.grad is None
    assert model[2].weight.grad is not None
    model[0].requires_grad_(True)
    compiled(X).sum().backward()
    assert model[0].weight.grad is not None


def test_inputs_with_a_history():
    plain, compiled = pair(perceptron, X)
    before = nn.Linear(5, 5)
    gradients = []
    for model in (plain, compiled, compiled, compiled):
        before.zero_grad()
        model(before(X)).sum().backward()
        gradients.append(before.weight.grad)
    assert model.forward.compiled
    close(gradients[-1], gradients[0])


class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(5, 2), nn.Linear(5, 3)

    def forward(self, x):
        y = self.a(x)
        return {"y": y, "none": None, "both": [self.b(x), (y, x)], "plain": y.detach()}


def test_several_results_in_containers():
    torch.manual_seed(0)
    plain = Heads()
    compiled = torch.compile(plain)
    for _ in range(4):
        found = compiled(X)
        assert found["none"] is None
        assert found["both"][1][0] is found["y"]
        assert found["both"][1][1] is X
        assert found["plain"].grad_fn is None
    assert compiled.forward.compiled
    expected = []
    for model in (plain, compiled):
        model.zero_grad()
        found = model(X)
        (found["y"].sum() + (found["both"][0] ** 2).sum()).backward()
        expected.append([p.grad.numpy() for p in plain.parameters()])
    for a, b in zip(*expected):
        close(a, b)


class Both(NamedTuple):
    mean: torch.Tensor
    spread: torch.Tensor


def test_results_by_name():
    f = torch.compile(lambda x: (Both((x * W).mean(), (x * W).std()), OrderedDict(w=x * W)))
    for _ in range(4):
        found, named = f(X)
    assert f.compiled
    assert type(found) is Both
    assert type(named) is OrderedDict
    (slope,) = torch.autograd.grad(found.spread + named["w"].sum(), W)
    close(slope, torch.autograd.grad((X * W).std() + (X * W).sum(), W)[0])


def test_what_no_loss_depends_on_has_no_gradient():
    model = Heads()
    compiled = torch.compile(model)
    for _ in range(4):
        model.zero_grad()
        compiled(X)["y"].sum().backward()
        assert model.b.weight.grad is None
        assert model.a.weight.grad is not None
    assert compiled.forward.compiled


def test_a_result_without_a_gradient_is_no_result_with_a_gradient_of_zero():
    x = torch.tensor([0.0, 1.0, 4.0], requires_grad=True)

    @torch.compile
    def f(x):
        y = x * 3
        return y.exp(), y.log(), torch.cat([y, y.sqrt()])  # infinite slopes at 0

    for _ in range(4):
        y, *_ = f(x)
        x.grad = None
        y.sum().backward()
        close(x.grad, 3 * y.detach())
    assert f.compiled
    (g,) = torch.autograd.grad(f(x)[2].sum(), x)
    assert g[0].isinf()
    y, z, _ = f(x + 1)
    for w, expected in [(y, "exp"), (z, "log"), (y + z, "both")]:
        u = (x + 1) * 3
        slope = 3 * (u.exp() * (expected != "log") + (1 / u) * (expected != "exp")).detach()
        close(torch.autograd.grad(w.sum(), x, retain_graph=True)[0], slope)


def test_a_function():
    w = torch.randn(5, 2, requires_grad=True)

    @torch.compile
    def f(x, scale):
        return (x @ w * scale).relu()

    for scale in (2.0, 2.0, 2.0, 2.0, 3.0):
        for x in (X, Z):
            w.grad = None
            f(x, scale).sum().backward()
            found, w.grad = w.grad, None
            (x @ w * scale).relu().sum().backward()
            close(found, w.grad)
    assert f.compiled
    assert type(f(X, 2.0).grad_fn).__name__ == "CompiledFunctionBackward"


def test_a_tensor_from_outside_that_is_replaced():
    global W
    before, f = W, torch.compile(lambda x: x * W)
    try:
        for _ in range(4):
            f(X).sum().backward()
        for W in (torch.ones(5, requires_grad=True), torch.ones(5), before * 2, before.detach()):
            assert f(X).requires_grad is W.requires_grad
            if W.requires_grad:
                close(torch.autograd.grad(f(X).sum(), W)[0], X.sum(0))
    finally:
        W = before


def test_one_tensor_in_two_places():
    f = torch.compile(lambda a, b: a * b)
    a, b = torch.randn(3, requires_grad=True), torch.randn(3)
    for other, expected in [*[(a, 2 * a.detach())] * 4, *[(b, b)] * 4]:
        a.grad = None
        f(a, other).sum().backward()
        close(a.grad, expected)


def test_batches_of_several_sizes():
    plain, compiled = pair(perceptron, X)
    for n in (1, 2, 3, 6) * 3:
        compiled.zero_grad()
        plain.zero_grad()
        for model in (plain, compiled):
            model(X[:n]).sum().backward()
        same_gradients(plain, compiled)
    assert compiled.forward.recordings == 2 + 3 * 2


# ---------------------------------------------------------------------- derivatives of derivatives


def penalties(make, turns=6):
    """Gradients of |∂y/∂x|², by a module and by its compiled copy."""
    found = []
    for compiled in (False, True):
        torch.manual_seed(0)
        module = make()
        model = torch.compile(module) if compiled else module
        torch.manual_seed(1)
        rows = []
        for _ in range(turns):
            x = X.clone().requires_grad_()
            (g,) = torch.autograd.grad(model(x).pow(2).sum(), x, create_graph=True)
            model.zero_grad()
            (g**2).sum().backward()
            rows.append([p.grad.numpy() for p in model.parameters()] + [np.array(b.numpy()) for b in model.buffers()])
        rows.append([torch.rand(3).numpy()])  # as many numbers were drawn
        found.append(rows)
    assert model.forward.compiled, model.report()
    for row, expected in zip(*reversed(found)):
        for a, b in zip(row, expected):
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("layer", [nn.Tanh, lambda: nn.Dropout(0.5), lambda: nn.BatchNorm1d(7)])
def test_a_pass_with_a_history_runs_the_function_again(layer):
    penalties(lambda: nn.Sequential(nn.Linear(5, 7), layer(), nn.Tanh(), nn.Linear(7, 3)))


def test_a_pass_with_a_history_after_a_write_is_an_error():
    x = X.clone().requires_grad_()
    _, compiled = pair(perceptron, x)
    y = compiled(x).sum()
    with torch.no_grad():
        compiled[2].bias.add_(1)
    with pytest.raises(RuntimeError, match=r"modified by an inplace operation(?s:.)*create_graph=True"):
        torch.autograd.grad(y, x, create_graph=True)
    assert torch.autograd.grad(y, x)[0].shape == (6, 5)  # this one does not need the bias


def test_a_pass_with_a_history_in_another_mode_is_an_error():
    _, compiled = pair(lambda: nn.Sequential(nn.Linear(5, 3), nn.Dropout(0.5)), X)
    y = compiled(X).sum()
    compiled.eval()
    with pytest.raises(RuntimeError, match=r"would not do again what it did(?s:.)*eval mode(?s:.)*_orig_mod"):
        torch.autograd.grad(y, compiled[0].weight, create_graph=True)


# ---------------------------------------------------------------------- what is the engine's stays the engine's


def test_a_second_pass_needs_the_graph():
    _, compiled = pair(perceptron, X)
    y = compiled(X).sum()
    y.backward(retain_graph=True)
    first = compiled[0].weight.grad.clone()
    y.backward()
    close(compiled[0].weight.grad, 2 * first)
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.backward()


def test_an_input_that_was_written_over_is_an_error():
    x = X.clone()
    _, compiled = pair(perceptron, x)
    y = compiled(x).sum()
    x.add_(1)
    with pytest.raises(RuntimeError, match=r"inplace operation: \[torch.FloatTensor \[6, 5\]\] is at version 1; expected version 0"):
        y.backward()


def test_only_what_the_way_back_reads_is_guarded():
    _, compiled = pair(perceptron, X)
    y = compiled(X).sum()
    with torch.no_grad():
        compiled[2].bias.add_(1)
    y.backward()
    y = compiled(X).sum()
    with torch.no_grad():
        compiled[2].weight.add_(1)
    with pytest.raises(RuntimeError, match=r"inplace operation: \[torch.FloatTensor \[3, 7\]\]"):
        y.backward()


def test_hooks_of_parameters_and_of_results():
    model = perceptron()
    compiled, seen = torch.compile(model), []
    model[0].weight.register_hook(lambda g: seen.append("parameter"))
    model[0].weight.register_post_accumulate_grad_hook(lambda p: seen.append("accumulated"))
    for turn in range(5):
        y = compiled(X)
        y.register_hook(lambda g: seen.append("result"))
        y.sum().backward()
        assert seen == ["result", "parameter", "accumulated"] * (turn + 1)
    assert compiled.forward.compiled


def test_what_is_kept_is_freed():
    _, compiled = pair(perceptron, X)
    frames = compiled.forward.latest.machine.frames
    gc.disable()
    try:
        results = [compiled(X) for _ in range(6)]
        kept = [weakref.ref(y.grad_fn.saved[0].frame) for y in results]
        for y in results:
            y.sum().backward()
        del y
        assert len(frames) == 2  # for the next calls
        assert sum(k() is not None for k in kept) <= 4  # and those that the machines saw last
        results.clear()
        y = compiled(X)
        assert len(frames) == 1
        del y  # without a backward pass
        assert len(frames) == 2
    finally:
        gc.enable()


# ---------------------------------------------------------------------- what runs as ever, and why


def called(function, *inputs):
    for _ in range(5):
        result = function(*inputs)
        (result if isinstance(result, torch.Tensor) else result[0]).sum().backward()
    return function.report()


W = torch.randn(5, requires_grad=True)


@pytest.mark.parametrize(
    "function, why",
    [
        (lambda x: (x * W).view(-1) if x.sum() > 100 else x * W, "decides by the value of a tensor"),
        (lambda x: W.view(5, 1), "gives a view of a tensor that lives outside"),
        (lambda x: (x * W, torch.autograd.grad((x * W).sum(), W))[0], "a result carries a history that nobody"),
        (lambda x: x * W * torch.ones(5, requires_grad=True), "asks for gradients of a tensor that it makes itself"),
        (lambda x: (x * W).to(torch.float16), "a result of dtype float16 with a history"),
    ],
)
def test_what_is_not_compiled(function, why):
    assert why in called(torch.compile(function), X)


def test_a_hook_on_what_is_computed_in_between():
    seen = []

    def f(x):
        y = x * W
        y.register_hook(lambda g: seen.append(1))
        return y * 2

    assert "a hook, or retain_grad()" in called(torch.compile(f), X)
    assert len(seen) == 5


def test_writes_into_an_argument_with_a_history():
    f = torch.compile(lambda x: x.mul_(2))
    for _ in range(5):
        W.grad = None
        y = W * 1
        assert f(y) is y
        y.sum().backward()
        close(W.grad, np.full(5, 2.0))
    assert "changes the history of a tensor that lives outside" in f.report()


def test_those_who_watch_the_graph_see_each_operation():
    _, compiled = pair(perceptron, X)
    with torch.autograd.set_detect_anomaly(True):
        assert compiled(X).grad_fn.name() == "AddmmBackward0"
    packed = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: packed.append(t) or t, lambda t: t):
        compiled(X)
    assert packed
    assert compiled(X).grad_fn.name() == "CompiledFunctionBackward"


def test_transforms_of_functions():
    plain, compiled = pair(perceptron, X)
    close(torch.func.vmap(compiled)(X).detach(), plain(X).detach())
    found, expected = (torch.func.grad(lambda x, f=f: f(x).sum())(X) for f in (compiled, plain))
    close(found.detach(), expected.detach())
    ones = torch.ones_like(X)
    close(torch.func.jvp(compiled, (X,), (ones,))[1].detach(), torch.func.jvp(plain, (X,), (ones,))[1].detach())
    zeros = {f"_orig_mod.{name}": torch.zeros_like(p) for name, p in plain.named_parameters()}
    close(torch.func.functional_call(compiled, zeros, (X,)).detach(), np.zeros((6, 3)))


# ---------------------------------------------------------------------- to see


def test_show_report_and_difference():
    _, compiled = pair(perceptron, X)
    assert "there and back" in compiled.report()
    assert compiled.show().startswith("forward:\n")
    assert "\n\nbackward:\n" in compiled.show()
    assert "kept 0" in compiled.show()
    for stage in ("loops", "llvm", "assembly"):
        assert compiled.show(stage)
    difference = compiled.difference(X)
    assert {name for name, _, _ in difference.values} >= {"the result", "gradient of model.0.weight", "gradient of model.2.bias"}
    assert difference.ulps < 100
    assert all(p.grad is None for p in compiled.parameters())


def test_a_result_that_only_some_gradients_were_asked_of():
    """A pass for some tensors alone goes by the rules it needs; a recording still sees which results it began at."""
    found = []
    for kind in (lambda f: f, torch.compile):
        torch.manual_seed(0)
        x, w = torch.randn(3, 4, requires_grad=True), torch.randn(4, 4, requires_grad=True)

        def step(x=x, w=w):
            y = (x * w[0]).tanh() @ w
            (g,) = torch.autograd.grad(y, x, torch.ones(3, 4), retain_graph=True)
            with torch.no_grad():
                w.sub_(0.01 * g.sum(0))
            return y

        step = kind(step)
        found.append([step().detach().numpy().copy() for _ in range(6)])
    assert step.report().startswith("compiled")
    np.testing.assert_allclose(found[1], found[0], rtol=1e-5)
