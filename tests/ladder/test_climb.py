"""The table of rungs: it proves that rungs agree, or names the first step at which they part, and why."""

import math

import numpy as np
import pytest

import chainrule as cr
from chainrule import ladder
from chainrule.ladder import Rung, Table, climb


def why(*rungs, **kwargs):
    """The comparison of the last rung with the others."""
    return climb(rungs, show=False, **{"epochs": 5} | kwargs).comparisons[-1]


def test_the_four_classic_rungs_agree(capsys):
    found = climb()
    printed = capsys.readouterr().out
    assert found.agree and len(found.runs) == 4 and len(found.reference.steps) == 20
    assert all(comparison.apart < 1e-6 for comparison in found.comparisons)
    assert "rung 1, rung 2, rung 3 and rung 4 agree at each of 20 steps" in printed
    assert printed.rstrip("\n") == str(found)
    assert repr(found) == "<Climb: 4 rungs, 20 steps, all agree>"
    for cell in ("by hand", "autograd", "MSELoss", "SGD", "Linear", "f(5) before", "f(5) after", "9.612", "30.000000"):
        assert cell in printed


def test_the_documents_first_rung_parts_and_the_ladder_finds_why():
    found = climb(["1d", 1, 2, 3, 4], show=False)
    (parting,) = [comparison for comparison in found.comparisons if not comparison]
    assert str(parting) == (
        "rung 1d parts from rung 2 at step 1: its gradient is 4.000 times the true one at every point tried; "
        "the loss takes a mean over N = 4; its gradient takes a sum"
    )
    assert parting.check.ratio == pytest.approx(4) and parting.part == "gradients"
    assert "rung 1, rung 2, rung 3 and rung 4 agree" in str(found)


def test_the_wrong_rung_is_named_also_as_the_reference():
    parting = climb(["1d", 1], show=False).comparisons[0]
    assert str(parting).startswith("rung 1 parts from rung 1d at step 1: rung 1d's gradient is 4.000 times")


def test_the_documents_last_rung_starts_elsewhere():
    assert "it has the parameters weight = -0.278, bias = -0.259, rung 2 has w = 0.000" in str(why(2, "4d"))


@pytest.mark.parametrize(
    ("rung", "part", "words"),
    [
        (Rung(updates=lambda w, g, lr: w + lr * g), "updates", "its update adds lr · gradient"),
        (Rung(updates=lambda w, g, lr: w - g), "updates", "subtracts the gradient itself, not lr = 0.01 of it"),
        (Rung(updates=lambda w, g, lr: w - 3 * lr * g), "updates", "subtracts 3.000 times lr · gradient"),
        (Rung(prediction=lambda x, w: w * x + 1), "prediction", "it predicts 1 for sample 1, rung 2 0"),
        (
            Rung(loss=lambda y, y_pred: ((y_pred - y) ** 2).sum()),
            "loss",
            "4.000 times as much (N = 4: a sum, not a mean)",
        ),
        (
            Rung(gradients=lambda x, y, y_pred: 2 * x * (y_pred - y)),
            "stopped",
            "its gradient has a row for each sample",
        ),
        (Rung(gradients=lambda x, y, y_pred: (2 * x * (y - y_pred)).mean()), "gradients", "its sign is turned"),
        (Rung(parameters={"w": 1.0}), "start", "it starts at w = 1.000, rung 2 at 0.000"),
    ],
)
def test_the_reason_is_named(rung, part, words):
    found = why(2, rung)
    assert not found and found.parts_at == 1
    assert (found.part, words in str(found)) == (part, True), str(found)


def test_another_optimizer():
    assert "moves its parameters by 0.010 (Adam), those of rung 2 by 0.300" in str(
        why(2, Rung(gradients="auto", updates=cr.optim.Adam))
    )


def test_a_step_later_than_the_first():
    calls = []

    def gradient(x, y, y_pred):
        calls.append(1)
        return (2 * x * (y_pred - y)).mean() * (1 if len(calls) < 3 else 2)

    found = why(2, Rung(gradients=gradient))
    assert found.parts_at == 3 and found.steps == 2


def test_a_hand_written_gradient_under_a_module():
    random = np.random.default_rng(0)
    table = Table(random.normal(size=(30, 3)), random.normal(size=30))

    def gradient(x, y, y_pred):
        return 2 * x.T @ (y_pred - y), 2 * (y_pred - y).mean()

    found = why(2, Rung("auto", gradient), table=table)
    assert "of weight, its gradient is 30.000 times the true one" in str(found) and "of bias, it is right" in str(found)


def test_a_loss_that_grows_names_the_limit():
    found = climb([1, 2], lr=0.2, show=False)
    assert found.agree
    assert "moves away for every lr above 2/λ = 0.133" in str(found)
    assert "grows" not in str(climb([1, 2], lr=0.1, show=False))


def test_overflow_is_shown_not_raised():
    found = climb([1, 2, 4], lr=1.0, epochs=100, show=False)
    assert math.isinf(found.runs[0].steps[-1].loss) or math.isnan(found.runs[0].steps[-1].loss)
    assert found.agree


def test_own_rungs_get_names():
    found = climb([Rung(), Rung(), Rung(name="mine")], epochs=1, show=False)
    assert [run.rung.name for run in found.runs] == ["own", "own 2", "mine"]


def test_agreement_is_exact_when_it_is():
    (comparison,) = climb([1, 1], show=False).comparisons
    assert comparison and comparison.apart == 0 and "bit for bit" in str(comparison)


@pytest.mark.parametrize("wrong", [{"rungs": []}, {"epochs": 0}, {"lr": 0.0}, {"lr": float("nan")}])
def test_nothing_to_climb(wrong):
    with pytest.raises(ValueError, match="more than 0"):
        climb(**wrong, show=False)


def test_the_documents_own_rungs_are_for_their_table():
    with pytest.raises(ValueError, match="written for the documents' table"):
        climb(["1d"], Table([1, 2], [3, 4]), show=False)


def test_the_table_shows_the_last_step():
    for epochs in (1, 7, 10, 11, 25, 100):
        text = str(climb([1, 2], epochs=epochs, show=False))
        assert "step 1 " in text and f"step {epochs} " in text
        assert text.count("  step ") <= 12


def test_ladder_does_not_import_rich():
    import subprocess
    import sys

    program = "import sys; from chainrule import ladder; ladder.climb(show=False); assert 'rich' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": ":".join(sys.path)})
    assert ladder.classic()[3] == ladder.rung(4)
