"""Whatever stops a run, its folder holds a complete state or does not exist."""

import errno
import json
import os
import tempfile

import numpy as np
import pytest

from chainrule.formats import safetensors
from chainrule.train import Diverged, Run, RunFolderError, fit
from chainrule.train.fitting import resumed
from chainrule.train.folder import next_free
from chainrule.train.table import bundled

FILES = [
    "checkpoint.safetensors",
    "history.csv",
    "learning_curve.png",
    "schema.json",
    "settings.json",
    "weights.safetensors",
]
HOUSES = {"size": [50, 60, 80, 95, 110, 120] * 5, "price": [101, 119, 161, 189, 221, 240] * 5}


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def lines(folder):
    return (folder / "history.csv").read_text().splitlines()


def settings(folder):
    return json.loads((folder / "settings.json").read_text())


def error_of(kind, call, *args, **options):
    with pytest.raises(kind) as caught:
        call(*args, **options)
    return str(caught.value)


def test_what_a_folder_holds(tmp_path):
    run = fit("linear", HOUSES, "price", epochs=3, out=tmp_path / "runs" / "houses")
    folder = tmp_path / "runs" / "houses"
    assert names(folder) == FILES
    assert names(folder.parent) == ["houses"]
    assert (folder / "learning_curve.png").read_bytes().startswith(b"\x89PNG\r\n")
    assert lines(folder)[0] == "epoch,loss,held_out_loss,held_out_rmse,held_out_mae,held_out_r2,seconds"
    assert len(lines(folder)) == 4
    weights = safetensors.load(folder / "weights.safetensors")
    np.testing.assert_array_equal(weights["weight"], run.model.weight.detach().numpy())
    assert safetensors.read_notes(folder / "weights.safetensors") == {"epoch": "3"}
    stored = settings(folder)
    assert (stored["status"], stored["epochs_done"], stored["settings"]["lr"]) == ("finished", 3, 0.01)
    assert stored["metrics"]["model"] == run.metrics
    assert "\n  " in (folder / "schema.json").read_text()  # for people


def test_the_weights_are_readable_by_others(tmp_path):
    pytest.importorskip("torch")
    from safetensors.torch import load_file

    run = fit("linear", HOUSES, "price", epochs=1, out=tmp_path / "run")
    found = load_file(tmp_path / "run" / "weights.safetensors")
    assert found["weight"].tolist() == run.model.weight.tolist()


def test_ctrl_c_keeps_the_last_complete_epoch(tmp_path):
    def stop(epoch):
        if epoch.number == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit("mlp:4", target="species", epochs=9, on_epoch=stop, out=tmp_path / "run")
    assert names(tmp_path / "run") == FILES
    assert (settings(tmp_path / "run")["status"], settings(tmp_path / "run")["epochs_done"]) == ("interrupted", 4)
    assert len(lines(tmp_path / "run")) == 5
    assert Run.load(tmp_path / "run").predict(bundled()).shape == (344,)

    whole = fit("mlp:4", target="species", epochs=9)
    parts = resumed(tmp_path / "run").train()
    assert [e.loss for e in parts.history] == [e.loss for e in whole.history]
    assert settings(tmp_path / "run")["status"] == "finished"


def test_ctrl_c_in_the_middle_of_an_epoch_undoes_its_steps(tmp_path, monkeypatch):
    from chainrule.train.loop import Trainer

    steps = []
    step = Trainer.step

    def interrupted(self, x, y):
        steps.append(step(self, x, y))
        if len(steps) == 3 * 3 + 2:  # three batches an epoch: the second of the fourth
            raise KeyboardInterrupt
        return steps[-1]

    monkeypatch.setattr(Trainer, "step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fit("linear", HOUSES, "price", epochs=9, batch_size=8, out=tmp_path / "run")
    monkeypatch.undo()
    three = fit("linear", HOUSES, "price", epochs=3, batch_size=8)
    kept = safetensors.load(tmp_path / "run" / "weights.safetensors")
    for name, value in three.model.state_dict().items():
        np.testing.assert_array_equal(kept[name], value.numpy())
    assert safetensors.read_notes(tmp_path / "run" / "weights.safetensors") == {"epoch": "3"}
    assert len(lines(tmp_path / "run")) == 4


def test_divergence_keeps_the_last_finite_state_and_names_the_largest_stable_rate(tmp_path):
    with pytest.raises(Diverged) as caught:
        fit("linear", HOUSES, "price", optimizer="sgd", lr=3.0, batch_size=100, test_size=0.0, out=tmp_path / "run")
    run = caught.value.run
    epoch = len(run.history)
    first, why, instead = str(caught.value).splitlines()
    assert first.startswith(f"training diverged in epoch {epoch + 1}: the loss went from ")
    assert first.endswith(" with sgd and learning rate 3")
    # Standardised x and a bias: H is 2 on the diagonal and 0 beside it.
    assert why == (
        "  why: the largest stable rate is about 1 (2 / λ, where λ = 2 is the largest curvature of the loss); "
        f"the state after epoch {epoch} is kept in {tmp_path / 'run'}"
    )
    assert instead == "  instead: lr=0.5 (--lr 0.5)"
    assert (run.status, settings(tmp_path / "run")["status"]) == ("diverged", "diverged")
    assert names(tmp_path / "run") == FILES
    for value in safetensors.load(tmp_path / "run" / "weights.safetensors").values():
        assert np.isfinite(value).all()
    assert np.isfinite(Run.load(tmp_path / "run").predict(HOUSES)).all()


def test_divergence_of_unscaled_data_advises_to_scale():
    with pytest.raises(Diverged) as caught:
        fit("linear", HOUSES, "price", optimizer="sgd", lr=0.01, scale=False)
    advice = str(caught.value).splitlines()[-1]
    assert advice.startswith("  instead: lr=")
    assert advice.endswith(", or scale=True (without --no-scale)")


def test_divergence_in_the_first_epoch_keeps_the_first_state():
    with pytest.raises(Diverged) as caught:
        fit("linear", HOUSES, "price", optimizer="sgd", lr=1e30)
    assert "; the state before the first epoch is kept\n" in str(caught.value)
    assert np.isfinite(caught.value.run.predict(HOUSES)).all()


def test_a_rate_just_too_large_is_told_at_the_end():
    run = fit("linear", HOUSES, "price", optimizer="sgd", lr=1.02, epochs=12, batch_size=100, test_size=0.0)
    assert run.status == "finished"
    assert run.notes[-1].startswith("the loss ended higher, ")
    assert ": the largest stable rate is about 1 (2 / λ, where λ = 2 is the largest" in run.notes[-1]


def failing(monkeypatch, module, name, error, after=0):
    """Let ``module.name`` raise from its call number ``after`` on."""
    calls, original = [], getattr(module, name)

    def fail(*args, **kwargs):
        calls.append(args)
        if len(calls) > after:
            raise error
        return original(*args, **kwargs)

    monkeypatch.setattr(module, name, fail)


def test_a_full_disk_at_the_start_leaves_nothing(tmp_path, monkeypatch):
    failing(monkeypatch, os, "fsync", OSError(errno.ENOSPC, "No space left on device"), after=2)
    assert error_of(RunFolderError, fit, "linear", HOUSES, "price", out=tmp_path / "run") == (
        f"the run folder {tmp_path / 'run'} cannot be written (no folder was made)\n  why: the disk is full\n"
        "  instead: free some space, or out=… (--out …) on another disk"
    )
    assert names(tmp_path) == []


@pytest.mark.parametrize("written", range(6, 12))
def test_a_full_disk_later_leaves_a_complete_state(tmp_path, monkeypatch, written):
    """Wherever the disk fills up, each file in the folder is whole, and the folder can be used and gone on with."""
    monkeypatch.setattr("chainrule.train.session.SAVE_EVERY", -1.0)  # after every epoch
    failing(monkeypatch, os, "fsync", OSError(errno.ENOSPC, "No space left on device"), after=written)
    text = error_of(RunFolderError, fit, "linear", target="species", epochs=6, out=tmp_path / "run")
    assert text == (
        f"the run folder {tmp_path / 'run'} cannot be written (it holds the last state that was written completely)\n"
        "  why: the disk is full\n  instead: free some space, or out=… (--out …) on another disk"
    )
    monkeypatch.undo()
    assert not [name for name in names(tmp_path / "run") if name.endswith(".tmp")]
    assert Run.load(tmp_path / "run").predict(bundled()).shape == (344,)
    parts, whole = resumed(tmp_path / "run").train(), fit("linear", target="species", epochs=6)
    assert [e.loss for e in parts.history] == [e.loss for e in whole.history]


@pytest.mark.parametrize(
    ("number", "why"),
    [(errno.EACCES, "permission denied: {parent}"), (errno.EROFS, "the file system is read-only")],
)
def test_a_read_only_folder(tmp_path, monkeypatch, number, why):
    failing(monkeypatch, tempfile, "mkdtemp", OSError(number, os.strerror(number), str(tmp_path)))
    text = error_of(RunFolderError, fit, "linear", HOUSES, "price", out=tmp_path / "run")
    what, reason, instead = text.splitlines()
    assert what == f"the run folder {tmp_path / 'run'} cannot be written (no folder was made)"
    assert reason == "  why: " + why.format(parent=tmp_path)
    assert instead.startswith("  instead: out=… (--out …), a folder that ")
    assert names(tmp_path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_for_real(tmp_path):
    tmp_path.chmod(0o500)
    text = error_of(RunFolderError, fit, "linear", HOUSES, "price", out=tmp_path / "run")
    assert "\n  why: permission denied: " in text


def test_a_folder_below_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    text = error_of(RunFolderError, fit, "linear", HOUSES, "price", out=tmp_path / "file" / "run")
    assert f"\n  why: {tmp_path / 'file'} is a file\n" in text


def test_bad_data_makes_no_folder(tmp_path):
    with pytest.raises(ValueError):
        fit("linear", HOUSES, "prise", out=tmp_path / "run")
    assert names(tmp_path) == []


def test_nothing_is_overwritten_unasked(tmp_path):
    fit("linear", HOUSES, "price", epochs=1, out=tmp_path / "run")
    before = (tmp_path / "run" / "settings.json").read_text()
    assert error_of(RunFolderError, fit, "linear", HOUSES, "price", out=tmp_path / "run") == (
        f"{tmp_path / 'run'} holds a run already\n  why: it would be lost\n"
        "  instead: another out=… (--out …), or overwrite=True (--overwrite)"
    )
    assert (tmp_path / "run" / "settings.json").read_text() == before
    fit("linear", HOUSES, "price", epochs=2, out=tmp_path / "run", overwrite=True)
    assert settings(tmp_path / "run")["epochs_done"] == 2
    assert names(tmp_path) == ["run"]


def test_only_runs_are_overwritten(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.tex").write_text("")
    text = error_of(RunFolderError, fit, "linear", HOUSES, "price", out=tmp_path / "thesis", overwrite=True)
    assert text.splitlines()[0] == f"{tmp_path / 'thesis'} is a folder with other things in it"
    assert names(tmp_path / "thesis") == ["thesis.tex"]


def test_next_free(tmp_path):
    assert next_free(tmp_path, "a").name == "a"
    (tmp_path / "a").mkdir()
    (tmp_path / "a-2").mkdir()
    assert next_free(tmp_path, "a").name == "a-3"


def test_what_is_no_run(tmp_path):
    assert error_of(RunFolderError, Run.load, tmp_path / "nowhere").startswith(
        f"no run folder {tmp_path / 'nowhere'}\n"
    )
    assert error_of(RunFolderError, Run.load, tmp_path).startswith(
        f"{tmp_path} is not a run folder: it has no settings.json"
    )


@pytest.mark.parametrize("name", ["settings.json", "schema.json", "weights.safetensors"])
@pytest.mark.parametrize("damage", [lambda content: content[: len(content) // 2], lambda content: b"{}"])
def test_a_damaged_run(tmp_path, name, damage):
    fit("linear", HOUSES, "price", epochs=1, out=tmp_path / "run")
    file = tmp_path / "run" / name
    file.write_bytes(damage(file.read_bytes()))
    text = error_of(RunFolderError, Run.load, tmp_path / "run")
    assert text.startswith((f"{file} is damaged\n  why: ", f"{tmp_path / 'run'} cannot be used\n  why: "))


def test_what_cannot_be_resumed(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("x,y\n" + "".join(f"{i},{2 * i}\n" for i in range(20)))
    fit("linear", path, "y", epochs=2, out=tmp_path / "run")
    assert error_of(RunFolderError, resumed, tmp_path / "run") == (
        f"{tmp_path / 'run'} has done 2 epochs, and was to do 2\n  why: no epoch is left\n"
        "  instead: epochs=4 (--epochs 4)"
    )
    path.write_text("x,y\n" + "".join(f"{i},{3 * i}\n" for i in range(20)))
    assert error_of(RunFolderError, resumed, tmp_path / "run", 4) == (
        f"{tmp_path / 'run'} cannot go on: {path} has changed since\n"
        "  why: its columns, their statistics or its classes differ from schema.json\n  instead: a new run"
    )
    fit("linear", HOUSES, "price", epochs=1, out=tmp_path / "memory")
    assert error_of(RunFolderError, resumed, tmp_path / "memory", 4) == (
        f"{tmp_path / 'memory'} cannot go on by itself\n"
        "  why: its data, module or optimizer came from a Python program, and is not in the folder\n"
        "  instead: fit(…) in that program"
    )
