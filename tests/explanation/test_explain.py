"""`chainrule.explain`: what it says of small programs, word for word, and that its numbers are those of `.grad`."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as torch
from chainrule import nn
from chainrule.base.errors import GradientError
from chainrule.nn import functional as F

NEURON = """\
1  Forward pass
   w                = 1   (parameter)
   x                = 1
   y                = 2
   ŷ = w · x        = 1
   loss = (ŷ − y)²  = 1

2  Local gradients
   ∂ŷ/∂w = x               = 1
   ∂loss/∂ŷ = 2 · (ŷ − y)  = −2

3  Chain rule
   ∂loss/∂w = ∂loss/∂ŷ · ∂ŷ/∂w = 2 · (ŷ − y) · x = −2"""


def neuron():
    x, y = torch.tensor(1.0), torch.tensor(2.0)
    w = torch.tensor(1.0, requires_grad=True)
    return x, y, w


def check(told, loss, *parameters):
    """Each gradient told is what a backward pass finds, and the shares of all paths add up to it."""
    loss.backward(retain_graph=True)
    for name, p in zip(told.names, parameters, strict=True):
        np.testing.assert_allclose(told.gradients[name].numpy(), p.grad.numpy(), rtol=1e-5, atol=1e-7)
        ways = told.paths[name]
        if len(ways) == told.path_counts[name]:
            total = sum(way.share.astype(np.float64) for way in ways)
            np.testing.assert_allclose(total, p.grad.numpy(), rtol=1e-4, atol=1e-6)


def test_the_documents_neuron_reads_as_on_a_blackboard():
    x, y, w = neuron()
    y_hat = w * x
    loss = (y_hat - y) ** 2
    told = torch.explain(loss)
    assert str(told) == NEURON
    assert w.grad is None
    assert [(q.name, q.formula, float(q.value)) for q in told.steps] == [("ŷ", "w · x", 1), ("loss", "(ŷ − y)²", 1)]
    assert [(d.name, d.formula, float(d.value)) for d in told.steps[1].locals] == [("∂loss/∂ŷ", "2 · (ŷ − y)", -2)]
    (way,) = told.paths["w"]
    assert (
        [q.name for q in way.quantities] == ["loss", "ŷ", "w"] and way.formula == "2 · (ŷ − y) · x" and way.share == -2
    )
    assert told.gradients["w"].item() == -2 and told.path_counts == {"w": 1}


def test_after_a_backward_pass_that_kept_the_graph():
    x, y, w = neuron()
    y_hat = w * x
    loss = (y_hat - y) ** 2
    loss.backward(retain_graph=True)
    assert str(torch.explain(loss)) == NEURON and w.grad.item() == -2
    loss.backward(retain_graph=True)
    assert "w.grad holds −4: gradients of several backward passes add up" in str(torch.explain(loss))


def test_in_latex():
    x, y, w = neuron()
    y_hat = w * x
    loss = (y_hat - y) ** 2
    tex = torch.explain(loss)._repr_latex_()
    assert r"\hat{y} &= w \cdot x = 1" in tex and tex.startswith("$$") and tex.endswith("$$")
    assert r"\frac{\partial \mathrm{loss}}{\partial w} &= \frac{\partial \mathrm{loss}}{\partial \hat{y}} \cdot" in tex
    assert r"2 \cdot \left(\hat{y} - y\right) \cdot x = -2" in tex


def test_each_operation_on_a_line_of_its_own():
    x, y, w = neuron()
    loss = (w * x - y) ** 2
    assert [q.formula for q in torch.explain(loss).steps] == ["(w · x − y)²"]
    told = torch.explain(loss, each=True)
    assert [(q.name, q.formula) for q in told.steps] == [("v1", "w · x"), ("v2", "v1 − y"), ("loss", "v2²")]
    assert "∂loss/∂w = ∂loss/∂v2 · ∂v2/∂v1 · ∂v1/∂w = 2 · v2 · x = −2" in str(told)


def test_paths_add_up():
    w, x = torch.tensor(3.0, requires_grad=True), torch.tensor(2.0)
    a = w * x
    b = w**2
    loss = a * b
    told = torch.explain(loss)
    lines = [line.strip() for line in str(told).splitlines()[-4:]]
    assert lines == ["∂loss/∂w = Σ over 2 paths = 54", "via b: a · 2 · w = 36", "via a: b · x = 18", "36 + 18 = 54"]
    check(told, loss, w)


def test_a_regression_on_vectors():
    X, Y = torch.tensor([1.0, 2, 3, 4]), torch.tensor([2.0, 4, 6, 8])
    w = torch.tensor(0.0, requires_grad=True)
    y_pred = w * X
    loss = ((y_pred - Y) ** 2).mean()
    told = torch.explain(loss)
    assert "loss = mean((y_pred − Y)²)  = 30" in str(told)
    assert "∂loss/∂y_pred = 1/4 · 2 · (y_pred − Y)  = [−1, −2, −3, −4]" in str(told)
    assert "= Σ(1/4 · 2 · (y_pred − Y) · X) = −30" in str(told)
    check(told, loss, w)


def test_a_small_network():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    x, t = torch.randn(5, 3), torch.tensor([0, 1, 0, 1, 1])
    loss = F.cross_entropy(model(x), t)
    told = torch.explain(loss)
    assert told.names == ["model[0].weight", "model[0].bias", "model[2].weight", "model[2].bias"]
    shown = str(told)
    assert "v2 = relu(v1) @ model[2].weightᵀ + model[2].bias" in shown
    assert "∂loss/∂v2 = 1/5 · (softmax(v2) − onehot(t))" in shown
    assert "∂loss/∂model[0].weight = (∂loss/∂v1)ᵀ @ x" in shown
    assert "∂loss/∂v1 = ∂loss/∂v2 @ model[2].weight · (0 where relu(v1) ≤ 0, else 1)" in shown
    check(told, loss, *model.parameters())


def test_one_entry():
    torch.manual_seed(0)
    model = nn.Linear(3, 4)
    x, y = torch.randn(6, 3), torch.randn(6, 4)
    loss = F.mse_loss(model(x), y)
    loss.backward(retain_graph=True)
    for wrt in (model.weight[1, 2], (model.weight, (1, 2)), model.weight.T[2][1], [model.weight[1:2, 2:3]]):
        told = torch.explain(loss, wrt=wrt)
        assert told.names == ["weight[1, 2]"]
        assert told.gradients["weight[1, 2]"].numpy().reshape(()) == pytest.approx(model.weight.grad[1, 2].item())
        terms = [line for line in str(told).splitlines() if "v1[" in line]
        assert "through v1, 6×4: 6 terms" in str(told) and len(terms) == 5 and "and 1 smaller ones" in str(told)
        for line in terms:  # v1[n, 1]: ∂loss/∂v1 · x[n, 2]
            n, slope = int(line.split("[")[1].split(",")[0]), line.split("· ")[1].split(" =")[0].strip("()")
            assert float(slope.replace("−", "-")) == pytest.approx(x[n, 2].item(), rel=1e-5) and ", 1]" in line
    assert "through v1, 6×4: 6 terms" in told.to_html()
    row = torch.explain(loss, wrt=model.weight[1])
    assert row.names == ["weight[…]"] and row.gradients["weight[…]"].tolist() == model.weight.grad[1].tolist()


def test_what_does_not_lead_to_the_parameter_is_left_out():
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
    loss = model(torch.ones(3, 2)).sum()
    told = torch.explain(loss, wrt="2.weight")
    assert told.names == ["model[2].weight"] and [q.name for q in told.parameters] == ["model[2].weight"]
    assert not any("model[0].weight" in q.formula for q in told.steps)
    check(told, loss, model[2].weight)


def test_several_by_name_and_an_intermediate_result():
    x, y, w = neuron()
    b = torch.tensor(0.5, requires_grad=True)
    y_hat = w * x + b
    loss = (y_hat - y) ** 2
    told = torch.explain(loss, wrt=["w", b, y_hat])
    assert {n: g.item() for n, g in told.gradients.items()} == {"w": -1, "b": -1, "y_hat": -1}


def test_an_lstm_step():
    torch.manual_seed(0)
    cell = nn.LSTMCell(3, 4)
    h, c = cell(torch.randn(2, 3))
    loss = (h**2).mean()
    told = torch.explain(loss)
    assert {"c", "h", "loss"} < {q.name for q in told.steps} and told.path_counts["weight_ih"] == 4
    check(told, loss, *cell.parameters())


def test_a_transformer_is_told_by_module():
    torch.manual_seed(0)
    model = nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0), 3, enable_nested_tensor=False)
    loss = (model(torch.randn(5, 2, 16)) ** 2).mean()
    told = torch.explain(loss)
    shown = str(told)
    assert shown.startswith(f"1  Forward pass: {len(told.steps)} steps, by module")
    assert all(f"layers.{i}." in shown for i in range(3)) and len(shown.splitlines()) < 100
    check(told, loss, *model.parameters())
    ways = torch.explain(loss, wrt="layers.0.linear1.weight", paths=2)
    assert "2 paths to layers.0.linear1.weight, along which most of it flows:" in str(ways)
    assert told.to_html().startswith('<div class="chainrule">')


def test_a_long_chain():
    w = torch.tensor(1.0, requires_grad=True)
    h = w
    for _ in range(3000):
        h = torch.tanh(h) + w
    told = torch.explain(h, paths=1, each=True)
    assert told.path_counts["w"] == 3001 and len(str(told)) < 20_000
    h.backward()
    assert told.gradients["w"].item() == pytest.approx(w.grad.item())
    only = w
    for _ in range(700):
        only = torch.sin(only)
    (way,) = torch.explain(only, each=True).paths["w"]
    assert len(way.quantities) == 701


def test_nothing_of_the_program_is_touched():
    x, y, w = neuron()
    seen: list = []
    w.register_hook(lambda g: seen.append(g))
    y_hat = w * x
    y_hat.retain_grad()
    loss = (y_hat - y) ** 2
    str(torch.explain(loss, wrt=w))
    assert w.grad is None and y_hat.grad is None and not seen
    loss.backward()  # the graph is still there
    assert w.grad.item() == -2 and len(seen) == 1


def test_numbers_that_no_rule_kept_are_found_again():
    w = torch.tensor(2.0, requires_grad=True)
    loss = (w * 3 + 0.1) ** 2
    assert [q.formula for q in torch.explain(loss).steps] == ["(w · 3 + 0.1)²"]
    loss = (w * 3 + 0.1 - 5) ** 2  # of two, only the sum is known
    told = torch.explain(loss)
    assert [q.formula for q in told.steps] == [
        "w · 3 + c1 − c2",
        "v1²",
    ] and "not kept, as no derivative needs it" in str(told)
    offset = torch.tensor([1.0, -1.0])
    v = torch.tensor([0.5, 0.25], requires_grad=True)
    loss = ((v + offset) ** 2).sum()
    assert "(v + offset)²" in str(torch.explain(loss))


def test_a_name_that_the_program_has_is_not_given_to_something_else():
    v1 = torch.tensor([1.0, 2.0], requires_grad=True)
    loss = (torch.ones(2, 2) @ v1).sum()
    assert [q.name for q in torch.explain(loss, each=True).steps] == ["v2", "loss"]


def test_a_function_of_the_program():
    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            return 3 * g * ctx.saved_tensors[0] ** 2

    w = torch.tensor(2.0, requires_grad=True)
    loss = Cube.apply(w) + w
    told = torch.explain(loss)
    assert "Cube(w)" in str(told) and told.gradients["w"].item() == 13


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_dtypes(dtype):
    w = torch.tensor([1.0, 2.0], dtype=dtype, requires_grad=True)
    loss = (torch.sigmoid(w) * w).sum()
    told = torch.explain(loss)
    loss.backward(retain_graph=True)
    assert told.gradients["w"].tolist() == w.grad.tolist() and "σ(w) · w" in str(told)


def test_hostile_names_stay_text():
    hostile = {"<script>alert(1)</script>": torch.tensor(2.0, requires_grad=True)}
    loss = list(hostile.values())[0] * 3
    told = torch.explain(loss)
    assert "<script>" in str(told) and "<script>" not in told.to_html() and "&lt;script&gt;" in told.to_html()


def test_errors():
    x, y, w = neuron()
    loss = (w * x - y) ** 2
    with pytest.raises(TypeError, match="explain.. takes the loss, a tensor, but got float"):
        torch.explain(1.0)
    with pytest.raises(GradientError, match="does not require grad and does not have a grad_fn: there is no history"):
        torch.explain(x * y)
    with pytest.raises(GradientError, match="does not have a grad_fn"):
        torch.explain(w)
    with pytest.raises(GradientError, match=r"only for scalar outputs: explain\(\) got shape \[2\]"):
        torch.explain(torch.ones(2) * w)
    with pytest.raises(GradientError, match="does not depend on anything called 'ww'. Did you mean 'w'"):
        torch.explain(loss, wrt="ww")
    with pytest.raises(GradientError, match="appears to not have been used in the graph"):
        torch.explain(loss, wrt=torch.ones(1, requires_grad=True))
    with pytest.raises(TypeError, match="takes a tensor, its name, or"):
        torch.explain(loss, wrt=3)
    with pytest.raises(IndexError, match="the index is"):
        torch.explain((w * torch.ones(3)).sum(), wrt=(w, (5,)))
    loss.backward()
    (w * w).backward()
    with pytest.raises(
        GradientError, match=r"(?s)has been freed.*instead: chainrule.explain\(loss\) before loss.backward"
    ):
        torch.explain(loss)
    loss = (w * w) ** 2
    with torch.no_grad():
        w += 1
    with pytest.raises(GradientError, match="modified by an inplace operation"):
        torch.explain(loss)


OPS = [torch.sin, torch.tanh, torch.exp, lambda x: x * 2, lambda x: x.T, lambda x: x.reshape(2, 2), lambda x: -x,
       lambda x: torch.softmax(x, 1), lambda x: x.cumsum(0), lambda x: x.mean(0)]  # fmt: skip
PAIRS = [lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a @ b, lambda a, b: a - b, torch.maximum]


@given(
    st.lists(st.tuples(st.integers(0, 14), st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=7),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_whatever_the_graph_the_shares_of_the_paths_add_up(program, each):
    torch.manual_seed(0)
    u, v = (torch.randn(2, 2, dtype=torch.float64, requires_grad=True) for _ in range(2))
    values = [u, v]
    for op, i, j in program:
        a, b = values[i % len(values)], values[j % len(values)]
        values.append(OPS[op](a) if op < len(OPS) and a.ndim == 2 else PAIRS[op % len(PAIRS)](a, b))
    loss = sum(t.sum() for t in values[2:]) + u.sum() + v.sum()
    told = torch.explain(loss, wrt=[u, v], paths=10_000, each=each)
    assert str(told) and told._repr_latex_() and told.to_html()
    if max(told.path_counts.values()) <= 60:
        check(told, loss, u, v)


def test_what_was_told_stays_true_afterwards():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    x, t = torch.randn(5, 3), torch.tensor([0, 1, 0, 1, 1])
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    loss = F.cross_entropy(model(x), t)
    shown, told, entry = str(torch.explain(loss)), torch.explain(loss), torch.explain(loss, wrt=model[0].weight[1, 2])
    before = str(torch.explain(loss, wrt=model[0].weight[1, 2]))
    loss.backward()
    optimizer.step()
    assert str(told) == shown and str(entry) == before


def test_saved_tensor_hooks():
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: (t,), lambda packed: packed[0]):
        loss = (w.exp() * w).sum()
    told = torch.explain(loss, each=True)
    check(told, loss, w)
    assert "∂v1/∂w = v1" in str(told)


def test_factors_that_cancel_are_not_written():
    z = torch.tensor(-1.0, requires_grad=True)
    p = torch.sigmoid(z)
    assert "∂p/∂z = −(1 − p) = −0.731059" in str(torch.explain(-torch.log(p)))
