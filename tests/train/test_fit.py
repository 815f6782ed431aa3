"""`fit` from end to end: digits of the documents, better than trivial, repeatable, and the same after a break."""

import json

import numpy as np
import polars as pl
import pytest

import chainrule as cr
from chainrule.cli._report import epoch_line
from chainrule.train import DataError, Run, SettingError, fit
from chainrule.train.fitting import resumed
from chainrule.train.session import Session
from chainrule.train.table import bundled

HOUSES = {"size": [50, 60, 80, 95, 110, 120] * 5, "price": [101, 119, 161, 189, 221, 240] * 5}


def test_the_lines_of_the_documents():
    """A neuron w · x from w = 0 on y = 2 x, full batches, learning rate 0.01: what the five documents print."""
    neuron = cr.nn.Linear(1, 1, bias=False)
    cr.nn.init.zeros_(neuron.weight)
    session = Session(
        neuron, (np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 4.0, 6.0, 8.0])), None, task=None, optimizer="sgd",
        lr=0.01, epochs=100, batch_size=4, seed=0, test_size=0.0, scale=False, drop=(), category=(), out=None,
        overwrite=False,
    )  # fmt: skip
    lines = []
    session.train(lambda epoch: lines.append(epoch_line(session, epoch)))
    assert lines[::10] == [
        "epoch 1: w = 0.300, loss = 30.00000000",
        "epoch 11: w = 1.665, loss = 1.16278565",
        "epoch 21: w = 1.934, loss = 0.04506890",
        "epoch 31: w = 1.987, loss = 0.00174685",
        "epoch 41: w = 1.997, loss = 0.00006770",
        "epoch 51: w = 1.999, loss = 0.00000262",
        "epoch 61: w = 2.000, loss = 0.00000010",
        "epoch 71: w = 2.000, loss = 0.00000000",
        "epoch 81: w = 2.000, loss = 0.00000000",
        "epoch 91: w = 2.000, loss = 0.00000000",
    ]


def test_w_and_loss_are_in_the_datas_units_also_when_scaled():
    """y = 2 x + 1 in other units than those the model computes in."""
    x = np.arange(40.0)
    session = Session(
        "linear", {"x": x, "y": 2 * x + 1}, "y", task=None, optimizer="sgd", lr=0.3, epochs=60, batch_size=100, seed=0,
        test_size=0.0, scale=True, drop=(), category=(), out=None, overwrite=False,
    )  # fmt: skip
    run = session.train()
    assert epoch_line(session, run.history[-1]) == "epoch 60: w = 2.000, loss = 0.00000000"
    mean = np.mean((run.predict({"x": x}) - (2 * x + 1)) ** 2)
    assert mean < 1e-6
    first = fit("linear", {"x": x, "y": 2 * x + 1}, "y", epochs=1, batch_size=100, test_size=0.0, lr=1e-12).history[0]
    untrained = fit("linear", {"x": x, "y": 2 * x + 1}, "y", epochs=1, batch_size=100, test_size=0.0, lr=1e-12)
    assert first.loss == pytest.approx(np.mean((untrained.predict({"x": x}) - (2 * x + 1)) ** 2), rel=1e-4)


@pytest.mark.parametrize("target", ["body_mass_g", "species", "sex"])
@pytest.mark.parametrize("model", ["linear", "mlp:16"])
def test_the_bundled_data_is_learned(model, target):
    run = fit(model, target=target, epochs=60)
    if target == "body_mass_g":
        assert run.metrics["RMSE"] < 0.55 * run.baseline["RMSE"]
        assert run.metrics["R²"] > 0.7
    else:
        assert run.metrics["accuracy"] > 0.85
        assert run.metrics["cross-entropy"] < 0.6 * run.baseline["cross-entropy"]
    assert run.status == "finished"
    assert [epoch.number for epoch in run.history] == list(range(1, 61))
    assert run.history[-1].loss < 0.5 * run.history[0].loss


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw", "rmsprop", "adagrad"])
def test_every_optimizer_learns_with_its_own_rate(optimizer):
    run = fit("linear", optimizer=optimizer, epochs=40)
    assert run.metrics["RMSE"] < 0.6 * run.baseline["RMSE"]


def test_metrics_are_those_of_the_predictions():
    run = fit("linear", HOUSES, "price", epochs=5)
    frame = pl.DataFrame(HOUSES)
    rows, metrics = run.measure(frame)
    error = run.predict(frame) - np.array(HOUSES["price"])
    assert rows == 30
    assert metrics["RMSE"] == pytest.approx(np.sqrt(np.mean(error**2)))


def test_the_seed_decides_everything_and_nothing_else_does():
    cr.manual_seed(1)
    one = fit("mlp:4", HOUSES, "price", seed=3, epochs=5, batch_size=7)
    cr.manual_seed(2)
    two = fit("mlp:4", HOUSES, "price", seed=3, epochs=5, batch_size=7)
    other = fit("mlp:4", HOUSES, "price", seed=4, epochs=5, batch_size=7)
    assert [e.loss for e in one.history] == [e.loss for e in two.history] != [e.loss for e in other.history]
    np.testing.assert_array_equal(one.predict(HOUSES), two.predict(HOUSES))


def test_the_callers_random_numbers_are_left_alone():
    cr.manual_seed(7)
    expected = cr.rand(3).tolist()
    cr.manual_seed(7)
    fit("mlp:4", HOUSES, "price", epochs=2)
    assert cr.rand(3).tolist() == expected


def test_a_module_is_trained_in_place():
    model = cr.nn.Linear(1, 1)
    before = model.weight.detach().numpy().copy()
    run = fit(model, HOUSES, "price", epochs=3)
    assert run.model is model
    assert not np.array_equal(before, model.weight.detach().numpy())


@pytest.mark.parametrize("outputs", [1, 2])
def test_two_classes_may_have_one_logit_or_two(outputs):
    x = np.linspace(-1, 1, 60)
    run = fit(cr.nn.Linear(1, outputs), {"x": x, "y": x > 0}, "y", lr=0.05)
    assert run.metrics["accuracy"] > 0.9
    assert run.predict_probabilities({"x": [-1.0, 1.0]}).argmax(axis=1).tolist() == [0, 1]
    assert run.predict({"x": [-1.0, 1.0]}).tolist() == [False, True]


def test_arrays_of_any_rank():
    rng = np.random.RandomState(0)
    labels = np.arange(80) % 2
    images = rng.normal(size=(80, 1, 4, 4)) + labels[:, None, None, None]
    run = fit("linear", (images, labels), lr=0.05, epochs=20)
    assert run.metrics["accuracy"] > 0.8
    assert run.predict(images[:5]).shape == (5,)


def test_an_optimizer_of_ones_own():
    run = fit("linear", HOUSES, "price", optimizer=lambda parameters: cr.optim.SGD(parameters, lr=0.1, momentum=0.5))
    assert run.settings.lr is None  # the optimizer knows it
    assert run.metrics["RMSE"] < 0.1 * run.baseline["RMSE"]


def test_on_epoch_hears_of_every_epoch():
    heard = []
    run = fit("linear", HOUSES, "price", epochs=4, on_epoch=heard.append)
    assert heard == run.history


def test_repr_says_what_matters():
    run = fit("linear", HOUSES, "price", epochs=4)
    text = repr(run)
    assert text.startswith("Run(finished after 4 of 4 epochs)\n  target    price: a number\n")
    assert "24 rows to learn from, 6 held out" in text
    assert f"RMSE {run.metrics['RMSE']:.5g} (baseline {run.baseline['RMSE']:.5g})" in text


def test_examples_are_before_and_after():
    run = fit("linear", HOUSES, "price", optimizer="sgd", lr=0.3)
    assert len(run.examples) == 5
    for truth, before, after in run.examples:
        assert truth in HOUSES["price"]
        assert abs(after - truth) < 5 < abs(before - truth)


def test_rows_without_a_target_are_left_out_and_said():
    run = fit("linear", {"x": range(10), "y": [*range(8), None, None]}, "y", epochs=1)
    assert run.rows == {"training": 6, "held_out": 2}
    assert run.notes[0] == "2 rows without y left out"


@pytest.mark.parametrize("kind", ["csv", "tsv", "parquet", "jsonl"])
def test_every_format_trains_alike(tmp_path, kind):
    from chainrule.train.table import write_table

    path = tmp_path / f"houses.{kind}"
    write_table(pl.DataFrame(HOUSES), path)
    run = fit("linear", path, "price", epochs=3)
    assert [e.loss for e in run.history] == [e.loss for e in fit("linear", HOUSES, "price", epochs=3).history]


def test_a_run_is_read_as_it_was_written(tmp_path):
    run = fit("mlp:8", target="species", epochs=5, out=tmp_path / "run")
    again = Run.load(tmp_path / "run")
    np.testing.assert_array_equal(again.predict(bundled()), run.predict(bundled()))
    np.testing.assert_array_equal(again.predict_probabilities(bundled()), run.predict_probabilities(bundled()))
    assert (again.metrics, again.baseline, again.settings, again.status) == (
        run.metrics, run.baseline, run.settings, "finished",
    )  # fmt: skip
    assert [(e.number, e.loss, e.held_out) for e in again.history] == [
        (e.number, e.loss, e.held_out) for e in run.history
    ]


def test_a_run_with_a_module_of_ones_own(tmp_path):
    x = np.linspace(-1, 1, 30)
    run = fit(cr.nn.Linear(1, 1), (x, 2 * x), epochs=3, out=tmp_path / "run")
    again = Run.load(tmp_path / "run", model=cr.nn.Linear(1, 1))
    np.testing.assert_array_equal(again.predict(x), run.predict(x))
    with pytest.raises(OSError, match="instead: Run.load\\(folder, model=TheModule\\(\\)\\)"):
        Run.load(tmp_path / "run")


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "rmsprop"])
def test_resumed_is_uninterrupted(tmp_path, optimizer):
    """Epochs 1 to 4, then 5 to 9 in another session, are epochs 1 to 9, bit for bit."""
    options = {"optimizer": optimizer, "target": "species", "batch_size": 16}
    whole = fit("mlp:8", epochs=9, out=tmp_path / "whole", **options)
    fit("mlp:8", epochs=4, out=tmp_path / "parts", **options)
    parts = resumed(tmp_path / "parts", epochs=9).train()
    assert [(e.number, e.loss, e.held_out) for e in parts.history] == [
        (e.number, e.loss, e.held_out) for e in whole.history
    ]
    for name, value in whole.model.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), parts.model.state_dict()[name].numpy())
    assert parts.examples == whole.examples
    one, two = (json.loads((tmp_path / name / "settings.json").read_text()) for name in ("whole", "parts"))
    assert one == two


def error_of(kind, *args, **options):
    with pytest.raises(kind) as caught:
        fit(*args, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"model": "mlp"}, "unknown model 'mlp'\n  why: known are 'linear', and 'mlp:' with the width of each hidden "
                           "layer, at least 1\n  instead: mlp:64,64"),
        ({"optimizer": "adan"}, "unknown optimizer 'adan'. Did you mean 'adam' or 'adamw'?\n"
                                "  why: known are sgd, momentum, adam, adamw, rmsprop, adagrad"),
        ({"lr": 0.0}, "lr is 0.0\n  why: a learning rate is a positive number\n  instead: lr=0.01 (--lr 0.01)"),
        ({"lr": float("nan")}, "lr is nan\n  why: a learning rate is a positive number\n"
                               "  instead: lr=0.01 (--lr 0.01)"),
        ({"epochs": 0}, "epochs is 0\n  why: it is a whole number, at least 1\n  instead: epochs=1 (--epochs 1)"),
        ({"batch_size": 2.5}, "batch_size is 2.5\n  why: it is a whole number, at least 1\n"
                              "  instead: batch_size=1 (--batch-size 1)"),
        ({"seed": -1}, "seed is -1\n  why: it is a whole number, at least 0 and at most 4294967295\n"
                       "  instead: seed=1 (--seed 1)"),
        ({"test_size": 1.0}, "test_size is 1.0\n  why: it is the share of rows held out, from 0 up to 1\n"
                             "  instead: test_size=0.2 (--test-size 0.2)"),
        ({"optimizer": lambda p: cr.optim.SGD(p, lr=1), "lr": 0.1},
         "lr=0.1 beside an optimizer of your own\n  why: the function that makes it sets its learning rate\n"
         "  instead: optimizer=lambda parameters: chainrule.optim.SGD(parameters, lr=0.1)"),
    ],
)  # fmt: skip
def test_settings_that_mean_nothing(options, text):
    assert error_of(SettingError, **{"model": "linear", "data": HOUSES, "target": "price", **options}) == text


def test_a_target_that_is_not_there():
    assert error_of(DataError, "linear", HOUSES, "prise") == (
        "the target 'prise' is not a column of the table. Did you mean 'price'?\n  why: its 2 columns are size, price"
    )
    assert error_of(DataError, "linear", HOUSES) == (
        "no target was named\n  why: the columns are size, price\n  instead: target='price' (--target price)"
    )


def test_a_target_without_values():
    assert error_of(DataError, "linear", {"x": [1, 2], "y": [None, None]}, "y") == (
        "the target 'y' has no value in any of 2 rows: all values are missing\n"
        "  why: a model learns from rows whose answer is known\n  instead: a target column with values"
    )


def test_a_target_of_numbers_with_text_in_it():
    assert error_of(DataError, "linear", {"x": [1, 2, 3], "y": ["1", "2", "3 m"]}, "y") == (
        "the target 'y' holds text where numbers are needed: '3 m' in row 3\n"
        "  why: 2 of its 3 cells are numbers\n  instead: numbers or empty cells in that column"
    )


def test_row_numbers_are_the_tables_even_where_targets_are_missing():
    columns = {"x": [1.0, 2.0, float("nan")], "y": [None, 1.0, 2.0]}
    assert error_of(DataError, "linear", columns, "y").startswith("column 'x' holds NaN in row 3\n")
    columns = {"x": [1.0, 2.0, 3.0], "y": [None, 1.0, float("inf")]}
    assert error_of(DataError, "linear", columns, "y").startswith("column 'y' holds infinity in row 3\n")


def test_a_target_of_names():
    assert error_of(DataError, "linear", {"x": range(30), "y": [f"n{i}" for i in range(30)]}, "y") == (
        "the target 'y' has 30 different values in 30 rows\n  why: most classes would be seen once or never\n"
        "  instead: task='regression' (--task regression) if they are numbers, or another target"
    )


def test_modules_that_do_not_fit_the_data():
    text = error_of(SettingError, cr.nn.Linear(3, 1), HOUSES, "price")
    assert text.startswith("the model cannot take rows of shape (1,): ")
    assert text.endswith("\n  why: a row is 1 feature: size\n  instead: nn.Linear(1, …) as the first layer")
    assert error_of(SettingError, cr.nn.Linear(1, 3), HOUSES, "price") == (
        "the model gives shape (1, 3) for one row\n  why: 'price' is regression, which needs (1, 1)\n"
        "  instead: nn.Linear(…, 1) as the last layer"
    )


@pytest.mark.parametrize(
    ("x", "y", "text"),
    [
        ([[1.0], [np.nan]], [1, 2], "X holds nan at (1, 0) (1 NaN or infinite in all)"),
        ([["a"], ["b"]], [1, 2], "X holds <U1 where numbers are needed"),
        ([[1.0], [2.0]], [1, 2, 3], "X has 2 rows and y has 3"),
        ([[1.0], [2.0]], [[1, 2], [3, 4]], "y has shape (2, 2)"),
        (np.zeros((0, 2)), [], "X is empty: its shape is (0, 2)"),
    ],
)
def test_arrays_that_cannot_be_learned_from(x, y, text):
    assert error_of(DataError, "linear", (x, y)).splitlines()[0] == text


def test_new_arrays_are_held_to_the_shape():
    run = fit("linear", (np.arange(20.0).reshape(10, 2), np.arange(10.0)), epochs=1)
    with pytest.raises(DataError) as caught:
        run.predict(np.zeros((4, 3)))
    assert str(caught.value).splitlines()[0] == "the rows have shape (3,), the model was trained on rows of shape (2,)"


def test_a_number_has_no_probabilities():
    run = fit("linear", HOUSES, "price", epochs=1)
    with pytest.raises(SettingError) as caught:
        run.predict_probabilities(HOUSES)
    assert str(caught.value) == (
        "'price' has no probabilities: it is a number, not a class\n  why: the run is a regression\n"
        "  instead: run.predict(data)"
    )
