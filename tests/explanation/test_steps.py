"""`optimizer.explain_step`: the terms told are the step that the optimizer takes."""

import numpy as np
import pytest

import chainrule as torch
from tests.optim.cases import CASES, spelled

GRADIENTS = [2.0, -1.0, 3.0, 0.5, 0.5, -2.0, 1.0]

MOMENTUM = """\
SGD
   θ = w = 1
   g = ∂L/∂θ = −2
   b = g = −2
   Δ = lr · b = 0.1 · (−2) = −0.2
   θ ← θ − Δ = 1 − (−0.2) = 1.2"""

ADAM = """\
Adam, step 2
   θ = w = 0.9
   g = ∂L/∂θ = −1
   m = β₁ · m₋ + (1 − β₁) · g = 0.9 · 0.2 + (1 − 0.9) · (−1) = 0.08
   v = β₂ · v₋ + (1 − β₂) · g² = 0.999 · 0.004 + (1 − 0.999) · (−1)² = 0.004996
   m̂ = m / (1 − β₁^t) = 0.08 / (1 − 0.9²) = 0.421053
   v̂ = v / (1 − β₂^t) = 0.004996 / (1 − 0.999²) = 2.49925
   Δ = lr · m̂ / (√v̂ + ε) = 0.1 · 0.421053 / (√2.49925 + 1e−08) = 0.0266337
   θ ← θ − Δ = 0.9 − 0.0266337 = 0.873366"""


def test_read_as_in_the_papers():
    w = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9)
    ((w - 2) ** 2).backward()
    assert str(optimizer.explain_step()) == MOMENTUM
    optimizer = torch.optim.Adam([w], lr=0.1)
    for g in (2.0, -1.0):
        w.grad = torch.tensor(g, dtype=torch.float64)
        told = torch.explain(optimizer)
        optimizer.step()
    assert str(told) == ADAM
    assert r"\hat m &= \frac{m}{1 - \beta_1^{t}} = 0.421053" in told._repr_latex_()


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("case", CASES, ids=spelled)
def test_the_told_terms_are_the_step(case, dtype):
    name, how = case
    torch.manual_seed(1)
    w = torch.randn(3, 2, dtype=dtype, requires_grad=True)
    b = torch.tensor(1.0, dtype=dtype, requires_grad=True)
    optimizer = getattr(torch.optim, name)([w, b], **how)
    close = (
        1e-7 if name in ("NAdam", "ASGD") or dtype is torch.float32 else 1e-12
    )  # these keep rates in single precision
    for k in GRADIENTS:
        w.grad, b.grad = (torch.randn_like(p) * k for p in (w.detach(), b.detach()))
        state, before = repr(optimizer.state), w.tolist()
        told = optimizer.explain_step()
        entry = optimizer.explain_step((w, (2, 1))).updates[0]
        assert repr(optimizer.state) == state and w.tolist() == before
        optimizer.step()
        assert entry.name == "w[2, 1]" and entry.after == w.numpy(force=True)[2, 1]
        for update, p in zip(told.updates, (w, b), strict=True):
            now = p.numpy(force=True)
            assert np.array_equal(update.after, now)
            np.testing.assert_allclose(update.before - update.step, now, rtol=1e-15)
            last = update.terms[-1]
            assert last.name == "Δ"
            np.testing.assert_allclose(last.value, update.step, rtol=100 * close, atol=5 * close)
    assert str(told) and told._repr_latex_() and told.to_html()


@pytest.mark.parametrize("name", ["Newton", "GaussNewton", "LevenbergMarquardt", "LBFGS"])
def test_steps_that_evaluate_the_loss_are_tried_out_and_taken_back(name):
    x, y = torch.tensor([1.0, 2, 3]), torch.tensor([2.0, 4, 7])
    w = torch.tensor(0.5, requires_grad=True)
    optimizer = getattr(torch.optim, name)([w])
    calls = []
    optimizer.register_step_pre_hook(lambda *a: calls.append(1))

    def closure():
        if name in ("GaussNewton", "LevenbergMarquardt"):
            return w * x - y
        loss = ((w * x - y) ** 2).mean() + (torch.rand(()) * 0)
        if name == "LBFGS":
            optimizer.zero_grad()
            loss.backward()
        return loss

    torch.manual_seed(3)
    told = optimizer.explain_step(closure=closure)
    assert w.item() == 0.5 and w.grad is None and not calls and optimizer.state_dict()["state"] == {}
    assert torch.initial_seed() == 3 and torch.rand(1).item() == pytest.approx(0.0043, abs=1e-4)
    optimizer.step(closure)
    (update,) = told.updates
    assert update.after == w.item() and update.before == 0.5 and update.step == pytest.approx(0.5 - w.item())
    assert "θ ← θ − Δ" in str(told)


def test_an_optimizer_of_the_program():
    class Signs(torch.optim.Optimizer):
        def __init__(self, params, lr):
            super().__init__(params, {"lr": lr})

        @torch.no_grad()
        def step(self, closure=None):
            for group in self.param_groups:
                for p in group["params"]:
                    p -= group["lr"] * torch.sign(p.grad)

    w = torch.tensor([1.0, -1.0], requires_grad=True)
    (w**2).sum().backward()
    optimizer = Signs([w], lr=0.25)
    (update,) = optimizer.explain_step().updates
    assert update.after.tolist() == [0.75, -0.75] and w.tolist() == [1, -1]


def test_a_large_parameter():
    """Its step may be machine code; what is told is what that leaves."""
    torch.manual_seed(0)
    for name in ("SGD", "Adam", "AdamW"):
        w = torch.randn(300, 300, requires_grad=True)
        optimizer = getattr(torch.optim, name)([w], lr=0.1, weight_decay=0.1)
        for _ in range(2):
            w.grad = torch.randn(300, 300)
            (update,) = optimizer.explain_step().updates
            optimizer.step()
            assert np.array_equal(update.after, w.numpy(force=True))
            np.testing.assert_allclose(update.terms[-1].value, update.step, rtol=1e-4, atol=1e-6)
        assert "(300×300: mean" in str(update.terms[-1].line())


def test_names():
    model = torch.nn.Linear(2, 1)
    model(torch.ones(1, 2)).sum().backward()
    assert [u.name for u in torch.optim.SGD(model.parameters(), lr=1.0).explain_step().updates] == ["weight", "bias"]
    named = torch.optim.SGD([("slope", model.weight)], lr=1.0).explain_step()
    assert [u.name for u in named.updates] == ["slope"]


def test_errors():
    w, other = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    optimizer = torch.optim.Adam([w])
    with pytest.raises(RuntimeError, match="(?s)no parameter has a gradient yet.*loss.backward"):
        optimizer.explain_step()
    w.grad = torch.ones(2)
    with pytest.raises(ValueError, match="not one of the optimizer's parameters"):
        optimizer.explain_step(other)
    with pytest.raises(TypeError, match="takes a parameter of the optimizer, or .*, but got str"):
        optimizer.explain_step("w")
    with pytest.raises(TypeError, match="closure"):
        torch.optim.LBFGS([w]).explain_step()


def test_every_optimizer_says_its_terms():
    """An optimizer whose step is the base's writes `terms`; one that evaluates the loss, `formula`."""
    base = torch.optim.Optimizer
    classes = [c for c in vars(torch.optim).values() if isinstance(c, type) and issubclass(c, base) and c is not base]
    assert len(classes) >= 15
    for c in classes:
        own = c.terms is not base.terms if c.step is base.step else c.formula is not base.formula
        assert own, f"{c.__name__} does not say how its step is made"
