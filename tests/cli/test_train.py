"""`chainrule train` and `chainrule predict`: what they print, what they write, and what they say when it goes wrong."""

import json
import os
import signal
import subprocess
import sys

import polars as pl
import pytest
from click.testing import CliRunner

from chainrule.cli.main import main
from chainrule.train.table import bundled

LINE = "x,y\n" + "".join(f"{x},{2 * x + 1}\n" for x in range(40))


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "line.csv").write_text(LINE)
    return tmp_path


def run(*arguments, code=0):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def test_without_a_file(here):
    output = run("train", "--epochs", 30).output
    assert output.startswith("penguins.csv  342 rows: 274 to learn from, 68 held out\n")
    assert "  344 penguins of the Palmer Archipelago, Gorman et al. 2014, CC0 1.0\n" in output
    assert "  2 rows without body_mass_g left out\n" in output
    assert "species             category   3 features: Adelie, Chinstrap, Gentoo" in output
    assert "body_mass_g         target     a number; mean squared error" in output
    assert "linear  12 features → 1 output, 13 parameters\n" in output
    assert "\nalways 4,220.5 (the mean)   " in output
    assert "\nbody_mass_g   before training   after training\n" in output
    assert "\nsaved to runs/penguins-body_mass_g in " in output
    assert sorted(entry.name for entry in (here / "runs" / "penguins-body_mass_g").iterdir()) == [
        "checkpoint.safetensors", "history.csv", "learning_curve.png", "schema.json", "settings.json",
        "weights.safetensors",
    ]  # fmt: skip


def epoch_lines(output):
    return [line for line in output.splitlines() if line.startswith("epoch ")]


def test_a_line_per_so_many_epochs(here):
    lines = epoch_lines(run("train", "line.csv", "--target", "y", "--batch-size", 100, "-o", "sgd", "--lr", 0.3).output)
    assert [int(line.split(":")[0].removeprefix("epoch ")) for line in lines] == [*range(1, 100, 10), 100]
    assert lines[-1] == "epoch 100: w = 2.000, loss = 0.00000000"
    assert len(epoch_lines(run("train", "line.csv", "-t", "y", "-e", 30, "--log-every", 7).output)) == 6


def test_lines_of_other_models_name_the_held_out_metric(here):
    lines = epoch_lines(run("train", "--target", "species", "-m", "mlp:8", "-e", 2).output)
    assert [line.split(" = ")[0] for line in lines] == ["epoch 1: loss", "epoch 2: loss"]
    assert all(", held-out accuracy = " in line for line in lines)
    (here / "two.csv").write_text("a,b,y\n" + "".join(f"{x},{x % 3},{x}\n" for x in range(30)))
    lines = epoch_lines(run("train", "two.csv", "--target", "y", "-e", 1).output)
    assert ", held-out RMSE = " in lines[0]


def test_the_same_seed_prints_the_same(here):
    one, two, other = (
        epoch_lines(run("train", "line.csv", "-t", "y", "-e", 3, "--seed", seed).output) for seed in (5, 5, 6)
    )
    assert one == two != other


def test_each_run_has_its_folder(here):
    run("train", "line.csv", "-t", "y", "-e", 1)
    assert "saved to runs/line-y-2 in " in run("train", "line.csv", "-t", "y", "-e", 1).output
    run("train", "line.csv", "-t", "y", "-e", 1, "--out", "mine")
    assert (here / "mine" / "weights.safetensors").exists()
    again = run("train", "line.csv", "-t", "y", "-e", 1, "--out", "mine", code=1)
    assert again.stderr == (
        "error: mine holds a run already\n  why: it would be lost\n"
        "  instead: another out=… (--out …), or overwrite=True (--overwrite)\n"
    )
    run("train", "line.csv", "-t", "y", "-e", 1, "--out", "mine", "--overwrite")


def test_options_reach_the_training(here):
    run(
        "train", bundled(), "--target", "sex", "--model", "mlp:4", "--optimizer", "rmsprop", "--lr", 0.002,
        "--epochs", 2, "--batch-size", 50, "--seed", 9, "--test-size", 0.3, "--drop", "year", "--no-scale",
        "--task", "classification", "--category", "flipper_length_mm", "--out", "r",
    )  # fmt: skip
    stored = json.loads((here / "r" / "settings.json").read_text())["settings"]
    assert stored == {
        "model": "mlp:4", "module": None, "optimizer": "rmsprop", "lr": 0.002, "epochs": 2, "batch_size": 50, "seed": 9,
        "test_size": 0.3, "scale": False, "task": "classification", "drop": ["year"], "category": ["flipper_length_mm"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["lime.csv", "-t", "y"], "error: no such file: lime.csv. Did you mean 'line.csv'?\n  why: looked in {here}\n"),
        (["line.csv", "-t", "z"], "error: the target 'z' is not a column of the table.\n"
                                  "  why: its 2 columns are x, y\n"),
        (["line.csv"], "error: no target was named\n  why: the columns are x, y\n  instead: target='y' (--target y)\n"),
        (["-m", "mlp:"], "error: unknown model 'mlp:'\n  why: known are 'linear', and 'mlp:' with the width of each "
                         "hidden layer, at least 1\n  instead: mlp:64,64\n"),
        (["--epochs", "0"], "error: epochs is 0\n  why: it is a whole number, at least 1\n"
                            "  instead: epochs=1 (--epochs 1)\n"),
        (["--optimizer", "adamm"], "error: unknown optimizer 'adamm'. Did you mean 'adam' or 'adamw'?\n"
                                   "  why: known are sgd, momentum, adam, adamw, rmsprop, adagrad\n"),
        (["--resume", "nowhere"], "error: no run folder nowhere\n  why: chainrule train writes one\n"
                                  "  instead: chainrule train --out nowhere\n"),
    ],
)  # fmt: skip
def test_errors_say_what_why_and_what_instead(here, arguments, text):
    result = run("train", *arguments, code=1)
    assert result.stderr == text.format(here=here)
    assert not (here / "runs").exists()


def test_divergence(here):
    result = run("train", "line.csv", "-t", "y", "-o", "sgd", "--lr", 4, "-b", 100, "--test-size", 0, code=1)
    first, why, instead = result.stderr.splitlines()
    assert first.startswith("error: training diverged in epoch ")
    assert why.startswith("  why: the largest stable rate is about 1 (2 / λ, where λ = 2 is the largest curvature")
    assert why.endswith(" is kept in runs/line-y")
    assert instead == "  instead: lr=0.5 (--lr 0.5)"
    run("predict", "runs/line-y", "line.csv")


def test_a_rate_just_too_large(here):
    output = run("train", "line.csv", "-t", "y", "-o", "sgd", "--lr", 1.02, "-b", 100, "-e", 12).output
    assert "the loss ended higher, " in output


def test_a_missing_library(here, monkeypatch):
    monkeypatch.setitem(sys.modules, "polars", None)
    assert run("train", code=1).stderr == (
        "error: reading a table: this needs the package polars\n"
        '  why: it is not installed\n  instead: pip install "chainrule[train]"\n'
    )


def test_resume(here):
    whole = run("train", "line.csv", "-t", "y", "-e", 6, "--log-every", 1, "--out", "whole").output
    run("train", "line.csv", "-t", "y", "-e", 3, "--out", "parts")
    rest = run("train", "--resume", "parts", "--epochs", 6, "--log-every", 1).output
    assert epoch_lines(rest) == epoch_lines(whole)[3:]
    assert "6 epochs, from epoch 4\n" in rest
    refused = run("train", "--resume", "parts", "--lr", 1, code=2)
    assert "--resume goes on with the settings in parts; leave out --lr." in refused.output


def environment():
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": "1"}


def test_ctrl_c(here):
    """A real one, to a real process, in the middle of a training that would take minutes."""
    command = [
        sys.executable,
        "-m",
        "chainrule.cli.main",
        "train",
        "line.csv",
        "-t",
        "y",
        "-e",
        "100000",
        "--log-every",
        "5",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())
    try:
        for line in process.stdout:
            if line.startswith("epoch 11:"):
                process.send_signal(signal.SIGINT)
                break
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130, said
    folder = here / "runs" / "line-y"
    done = json.loads((folder / "settings.json").read_text())
    assert said == (
        f"error: interrupted: runs/line-y holds the state after epoch {done['epochs_done']}\n"
        "  instead: chainrule train --resume runs/line-y goes on from there\n"
    )
    assert done["status"] == "interrupted"
    assert 11 <= done["epochs_done"] == len((folder / "history.csv").read_text().splitlines()) - 1
    assert "," in run("predict", folder, "line.csv").stdout


def test_predict_into_a_pipe_is_csv(here):
    run("train", "--target", "species", "-e", 20, "--out", "r")
    result = run("predict", "r", bundled())
    answered = pl.read_csv(result.stdout.encode())
    assert answered.columns[8:] == [
        "predicted species", "probability of Adelie", "probability of Chinstrap", "probability of Gentoo",
    ]  # fmt: skip
    assert answered.height == 344
    probabilities = answered.select(pl.col("^probability of .*$")).sum_horizontal()
    assert (probabilities - 1).abs().max() < 1e-6
    right = (answered["predicted species"] == answered["species"]).mean()
    assert f"against species in 344 rows: accuracy {right:.4g}, cross-entropy " in result.stderr
    assert "note: sex: " not in result.stderr  # missing is not unseen
    assert "note: body_mass_g: 2 missing values read as " in result.stderr


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet", "jsonl"])
def test_predict_into_a_file(here, suffix):
    from chainrule.train.table import read_table

    run("train", "line.csv", "-t", "y", "-e", 100, "-o", "sgd", "--lr", 0.3, "-b", 100, "--out", "r")
    (here / "new.csv").write_text("x\n10\n-5\n")
    result = run("predict", "r", "new.csv", "--out", f"p.{suffix}")
    assert result.stdout == ""
    assert result.stderr == f"2 rows with their predictions are in p.{suffix}\n"
    found = read_table(here / f"p.{suffix}")
    assert found["x"].to_list() == [10, -5]
    assert found["predicted y"].to_list() == pytest.approx([21, -9], abs=1e-3)


def test_predict_says_what_it_assumed(here):
    run("train", "--target", "body_mass_g", "-e", 1, "--out", "r")
    frame = pl.read_csv(bundled()).head(2).with_columns(species=pl.lit("Emperor"))
    frame.drop("body_mass_g").write_csv(here / "new.csv")
    assert run("predict", "r", "new.csv").stderr == (
        "note: species: 'Emperor' not among the 3 categories seen in training (2 rows): read as none of them\n"
    )


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("z\n1\n", "error: the feature 'x' is not a column of the table.\n  why: its 1 column is z\n"),
        ("x\n1\nmany\n", "error: column 'x' holds text where numbers are needed: 'many' in row 2\n"),
        ("x\n1\ninf\n", "error: column 'x' holds infinity in row 2\n"),
        ("", "error: new.csv is empty\n  why: it holds 0 bytes\n"),
    ],
)
def test_predict_on_bad_rows(here, content, text):
    run("train", "line.csv", "-t", "y", "-e", 1, "--out", "r")
    (here / "new.csv").write_text(content)
    result = run("predict", "r", "new.csv", "--out", "p.csv", code=1)
    assert result.stderr.startswith(text)
    assert result.stdout == ""
    assert not (here / "p.csv").exists()


def test_predict_without_a_run(here):
    assert run("predict", "nowhere", "line.csv", code=1).stderr.startswith("error: no run folder nowhere\n")
    assert run("predict", here, "line.csv", code=1).stderr.startswith(f"error: {here} is not a run folder: it has no ")
