"""The observer changes nothing about a program, leaves nothing behind, and measures what it says it measures."""

import contextlib
import gc
import io
from pathlib import Path
from types import FunctionType

import numpy as np
import pytest

import chainrule as torch
from chainrule.diagnosis.curvature import Hessian
from chainrule.diagnosis.observer import Observer
from chainrule.diagnosis.swap import Swaps
from tests.programs_runner import run

PROGRAMS = Path(__file__).parents[1] / "torch_programs" / "programs"
nn = torch.nn


def ours() -> dict[int, tuple[FunctionType, object]]:
    """The code of every function of chainrule."""
    functions = [
        f for f in gc.get_objects() if type(f) is FunctionType and f.__module__ and f.__module__.startswith("chainrule")
    ]
    return {id(f): (f, f.__code__) for f in functions}


@contextlib.contextmanager
def examined():
    with torch.doctor(show=False) as found:
        yield found


def descend(lr: float, steps: int = 8, factor: float = 1.0) -> None:
    """Gradient descent on 3·a² + b²/2, whose Hessian has the eigenvalues 6 and 1."""
    w = torch.tensor([1.0, 1.0], requires_grad=True)
    opt = torch.optim.SGD([w], lr=lr)
    for _ in range(steps):
        opt.zero_grad()
        loss = (3 * w[0] ** 2 + 0.5 * w[1] ** 2) * factor
        loss.backward()
        opt.step()


def test_all_code_is_put_back():
    Observer().install  # noqa: B018  (imports everything that is observed)
    before = ours()
    observer = Observer()
    observer.install()
    changed = [f for f, code in before.values() if f.__code__ is not code]
    assert len(changed) > 40
    observer.uninstall()
    assert [f.__qualname__ for f, code in before.values() if f.__code__ is not code] == []
    assert [name for f, _ in before.values() for name in f.__globals__ if name.startswith("_observed_")] == []


def test_it_is_put_back_after_an_error_too():
    before = ours()
    with pytest.raises(ZeroDivisionError):
        with torch.doctor(show=False):
            1 / 0  # noqa: B018
    assert [f.__qualname__ for f, code in before.values() if f.__code__ is not code] == []


@pytest.mark.parametrize(
    "name", ["gpt_from_scratch", "gan", "vae", "maml_sines", "lbfgs_fit", "custom_function", "batchnorm_resnet"]
)
def test_a_program_prints_the_same_under_observation(name):
    path = PROGRAMS / f"{name}.py"
    plain = run(path, torch)
    with torch.doctor(show=False):
        watched = run(path, torch)
    assert watched == plain


def test_a_graph_is_freed_as_without_the_doctor():
    with torch.doctor(show=False):
        w = torch.tensor(2.0, requires_grad=True)
        y = (w * w).exp()
        y.backward()
        with pytest.raises(RuntimeError, match="second time"):
            y.backward()
        z = w**3
        z.backward(retain_graph=True)
        z.backward()
    assert w.grad.item() == pytest.approx(4 * np.exp(4) + 2 * 12, rel=1e-5)


def train_with_hooks() -> list[str]:
    """What hooks and a custom function see of three steps that go wrong, so that the doctor wants to measure."""
    seen = []

    class Half(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            seen.append("forward")
            return x / 2

        @staticmethod
        def backward(ctx, g):
            seen.append("backward")
            return g / 2

    torch.manual_seed(0)
    net = nn.Linear(2, 1)
    net.register_full_backward_hook(lambda module, before, after: seen.append(f"module {after[0].sum():.4g}"))
    net.weight.register_hook(lambda g: seen.append(f"weight {g.sum():.4g}"))
    opt = torch.optim.SGD(net.parameters(), lr=5.0)
    for i in range(4):
        opt.zero_grad()
        loss = net(torch.ones(3, 2)).pow(2).mean()
        (loss if i % 2 else Half.apply(loss)).backward()
        opt.step()
    return seen


def test_hooks_and_functions_run_as_often():
    plain = train_with_hooks()
    with torch.doctor(show=False):
        watched = train_with_hooks()
        during = list(watched)
    assert during == plain


def test_a_rate_that_is_raised_until_the_loss_grows_is_a_search():
    with examined() as found:
        w = torch.tensor([1.0, 1.0], requires_grad=True)
        opt = torch.optim.SGD([w], lr=1e-3)
        for _ in range(36):
            opt.zero_grad()
            loss = 3 * w[0] ** 2 + 0.5 * w[1] ** 2
            loss.backward()
            opt.step()
            opt.param_groups[0]["lr"] *= 1.3
    assert loss > 100 and found.findings == []


def test_an_optimizer_from_before_is_known_from_its_first_step():
    w = torch.tensor([1.0], requires_grad=True)
    opt = torch.optim.Adam([w], lr=0.01)
    with examined() as found:
        for _ in range(3):
            (w * 2).sum().backward()
            opt.step()
    assert [f.code for f in found.findings] == ["D01"]
    assert opt._hooks == {"before": {}, "after": {}}


def test_only_one_doctor_at_a_time():
    with torch.doctor(show=False):
        with pytest.raises(RuntimeError, match="a doctor is already observing"):
            with torch.doctor():
                pass
    with torch.doctor(show=False):
        pass


def test_findings_are_shown_on_the_error_stream():
    stream = io.StringIO()
    with contextlib.redirect_stderr(stream):
        with torch.doctor():
            descend(0.5)
    assert stream.getvalue().startswith("D25 sure: the learning rate is too high\n  line:     test_observer.py:")
    assert stream.getvalue().endswith("\n1 sure, 0 hints.\n")


def test_the_doctor_prints_as_its_findings():
    with torch.doctor(show=False) as found:
        assert str(found) == "Nothing to say before the block has ended."
        descend(0.5)
    assert str(found) == repr(found) and str(found).startswith("D25 sure: the learning rate is too high\n")


# ---------------------------------------------------------------------- what is measured


def test_the_limit_of_the_learning_rate_is_two_over_the_largest_eigenvalue():
    with examined() as found:
        descend(0.4)
    (finding,) = found.findings
    assert finding.code == "D25"
    assert finding.evidence["eigenvalue"] == pytest.approx(6, rel=1e-3)
    assert finding.evidence["limit"] == pytest.approx(2 / 6, rel=1e-3)
    with examined() as found:
        descend(0.32)  # just below: it swings, and settles
    assert found.findings == []


def test_the_limit_is_that_of_where_the_trouble_began():
    """Of a⁴ the curvature grows with the weights: 12 a² is 12 at a = 1, and without end once they explode."""
    with examined() as found:
        a = torch.tensor([1.0], requires_grad=True)
        opt = torch.optim.SGD([a], lr=1.0)
        for _ in range(6):
            opt.zero_grad()
            (a**4).sum().backward()
            opt.step()
    (finding,) = [f for f in found.findings if f.code == "D25"]
    assert finding.evidence["eigenvalue"] == pytest.approx(12, rel=0.01)


def test_how_many_steps_a_low_rate_would_take():
    with examined() as found:
        descend(1e-6, 40)
    (finding,) = found.findings
    assert finding.code == "D26"
    # The loss falls by lr·‖g‖² = 1e-6 · (6² + 1²) = 3.7e-5 a step, of 3.5.
    assert finding.evidence["to_halve"] == pytest.approx(3.5 / 2 / 3.7e-5, rel=0.05)
    # Along g the best step is g·g / g·Hg = 37 / (6·36 + 1) = 0.1705 long.
    assert finding.evidence["stretch"] == pytest.approx(0.1705 / 1e-6, rel=0.02)


@pytest.mark.parametrize("eigenvalues", [[5.0, 1.0, 0.1], [-7.0, 3.0, 1.0], [-2.0, -1.0, -0.5]])
def test_the_largest_eigenvalue(eigenvalues):
    q, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))
    a = torch.tensor((q * eigenvalues) @ q.T)
    w = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64, requires_grad=True)
    assert Hessian(0.5 * w @ a @ w, [w]).largest() == pytest.approx(max(eigenvalues), rel=2e-2)


def test_the_operands_of_the_first_nan():
    with examined() as found:
        w = torch.tensor([4.0, 1.0, -3.0], requires_grad=True)
        opt = torch.optim.SGD([w], lr=0.1)
        loss = torch.sqrt(w).sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
    (finding,) = found.findings
    assert (finding.code, finding.evidence["op"], finding.evidence["kind"]) == ("D32", "Sqrt", "nan")
    assert finding.evidence["operand 1"] == -3


def test_the_factor_of_a_wrong_gradient():
    class Triple(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return 3 * x

        @staticmethod
        def backward(ctx, g):
            return g * 2

    with examined() as found:
        Triple.apply(torch.ones(2, requires_grad=True)).sum().backward()
    (finding,) = found.findings
    assert finding.code == "D33"
    assert "it is 0.6667 times what it should be" in finding.message
    assert finding.line.number == Triple.backward.__code__.co_firstlineno


def test_a_swapped_function_keeps_its_arguments_and_defaults():
    def add(a, b=2, *, c=3):
        return a + b + c

    other_name, swaps = add, Swaps()
    swaps.around(add, lambda original, *args, **named: -original(*args, **named))
    assert (other_name(1), add(1, 1), add(1, c=0)) == (-6, -5, -3)
    swaps.undo()
    assert (other_name(1), add(1, 1), add(1, c=0)) == (6, 5, 3)


def test_accumulation_on_purpose_is_no_mistake():
    for zero_after in (True, False):
        with examined() as found:
            w = torch.tensor([1.0], requires_grad=True)
            opt = torch.optim.SGD([w], lr=0.01)
            for i in range(8):
                ((w - i) ** 2).sum().backward()
                if i % 4 == 3:
                    opt.step()
                    if zero_after:
                        opt.zero_grad()
        assert [f.code for f in found.findings] == ([] if zero_after else ["D01"])
