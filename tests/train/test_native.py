"""Epochs taken by machine code are those that steps taken one by one are, to rounding, and resumed runs are the same bit for bit."""

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.native import kernels
from chainrule.train import Diverged, fit, loop
from chainrule.train.fitting import resumed
from chainrule.train.loop import Trainer

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")


@pytest.fixture
def steps(monkeypatch):
    """The steps that were taken one by one, where machine code begins with the third epoch of five batches."""
    taken, step = [], Trainer.step

    def counted(self, x, y):
        taken.append(len(x))
        return step(self, x, y)

    monkeypatch.setattr(Trainer, "step", counted)
    monkeypatch.setattr(loop, "PAYS", 10)
    return taken


def table(rows=47):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 3)).astype(np.float32)
    return x, (x @ [1.0, -2.0, 0.5] + np.sin(3 * x[:, 0])).astype(np.float32)


def losses(run):
    return [epoch.loss for epoch in run.history]


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw", "rmsprop", "adagrad"])
def test_same_history(optimizer, steps, monkeypatch):
    found = fit("mlp:6", table(), optimizer=optimizer, epochs=8, batch_size=8)
    assert steps == [8, 8, 8, 8, 6] * 2  # 38 of 47 rows
    monkeypatch.setattr(loop, "PAYS", 10**9)
    np.testing.assert_allclose(losses(found), losses(fit("mlp:6", table(), optimizer=optimizer, epochs=8, batch_size=8)), rtol=1e-4)


def test_all_rows_at_once(steps):
    fit("linear", table(), epochs=20, batch_size=100)
    assert len(steps) == 10


def test_dropout_draws_the_same_masks(steps, monkeypatch):
    def model():
        torch.manual_seed(3)
        return nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.3), nn.Linear(8, 1))

    found = losses(fit(model(), table(), epochs=6, batch_size=8))
    assert len(steps) == 10
    monkeypatch.setattr(loop, "PAYS", 10**9)
    np.testing.assert_allclose(found, losses(fit(model(), table(), epochs=6, batch_size=8)), rtol=1e-4)


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
@pytest.mark.parametrize("stopped", [2, 4])
def test_a_resumed_run_is_the_same_bit_for_bit(stopped, optimizer, steps, tmp_path):
    path = tmp_path / "rows.csv"
    x, y = table()
    path.write_text("a,b,c,y\n" + "\n".join(",".join(map(str, [*row, t])) for row, t in zip(x.tolist(), y.tolist())))
    options = {"optimizer": optimizer, "batch_size": 8}
    whole = fit("mlp:6", path, "y", epochs=7, **options)
    fit("mlp:6", path, "y", epochs=stopped, out=tmp_path / "run", **options)
    parts = resumed(tmp_path / "run", 7).train()
    assert losses(parts) == losses(whole)
    for a, b in zip(parts.model.parameters(), whole.model.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_model_of_ones_own_runs_as_ever(steps):
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.line, self.calls = nn.Linear(3, 1), 0

        def forward(self, x):
            self.calls += self.training
            return self.line(x)

    model = Own()
    fit(model, table(), epochs=6, batch_size=8)
    assert len(steps) == 30


def test_divergence_is_found(steps):
    with pytest.raises(Diverged, match="training diverged in epoch"):
        fit("linear", table(), optimizer="sgd", lr=1.3, epochs=400, batch_size=8)
