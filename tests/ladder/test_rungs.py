"""Any mix of the four slots runs and computes the same; slots take what they say."""

import functools
import itertools

import numpy as np
import pytest

import chainrule as cr
from chainrule import ladder
from chainrule.ladder import Rung, Table, documents, rung, train
from chainrule.ladder.rungs import own_rung

RANDOM = np.random.default_rng(0)
TABLES = {
    "the documents'": documents(),
    "a line": Table([1.0, 2.0, 3.0], [1.0, 3.0, 2.0]),
    "a plane": Table(RANDOM.normal(size=(30, 3)), RANDOM.normal(size=30)),
    "a plane through zero": Table(RANDOM.normal(size=(30, 3)), RANDOM.normal(size=30), bias=False),
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_every_mix_of_slots_computes_the_same(table):
    expected = train(Rung(), table, 5, 0.01)
    for slots in itertools.product(["by hand", "auto"], repeat=4):
        for on in ("arrays", "tensors"):
            run = train(Rung(*slots, on=on), table, 5, 0.01)
            assert run.asked_after == pytest.approx(expected.asked_after, rel=1e-5), (slots, on, run.stopped)
            assert [s.loss for s in run.steps] == pytest.approx([s.loss for s in expected.steps], rel=1e-5)


def test_the_documents_numbers():
    """epoch 1, 11 and 91 of rungs 2 and 3, and epochs 1 to 9 of the wrong rung 1, as the documents print them."""
    for name in (2, 3):
        run = train(rung(name), documents(), 100, 0.01)
        shown = [f"epoch {s.number}: w={s.after['w']:.3f},loss = {s.loss:.8f}" for s in run.steps]
        assert shown[0] == "epoch 1: w=0.300,loss = 30.00000000"
        assert shown[10] == "epoch 11: w=1.665,loss = 1.16278565"
        assert shown[40] == "epoch 41: w=1.997,loss = 0.00006770"
        assert f"{run.asked_after:.3f}" == "10.000"
    run = train(rung("1d"), documents(), 10, 0.01)
    assert [f"{s.after['w']:.3f}" for s in run.steps[:4]] == ["1.200", "1.680", "1.872", "1.949"]
    run = train(rung("4d"), documents(), 20, 0.01)
    assert f"{run.asked_before:.3f}" == "-1.647"
    assert f"{run.steps[0].loss:.3f}" == "41.924"
    weight, bias = run.steps[10].after.values()
    assert f"{weight.item():.3f}, {bias.item():.3f}" == "1.564, 0.351"


def test_functions_that_read_globals():
    w = 0.0

    def forward(x):
        return w * x

    run = train(Rung(prediction=forward, gradients="auto"), documents(), 3, 0.01)
    assert run.steps[0].after["w"] == pytest.approx(0.3)
    assert w == 0.0


def test_parameters_of_other_names():
    run = train(Rung(prediction=lambda x, slope: slope * x, parameters={"slope": 1.0}), documents(), 1, 0.01)
    assert run.steps[0].before == {"slope": 1.0}
    with pytest.raises(ValueError, match="takes slope, which starts nowhere") as e:
        train(Rung(prediction=lambda x, slope: slope * x), documents(), 1, 0.01)
    assert "parameters={'slope': 0.0}" in str(e.value)


def test_a_module_of_ones_own_is_copied():
    class LinearRegression(cr.nn.Module):
        def __init__(self, input_dim, output_dim):
            super().__init__()
            self.lin = cr.nn.Linear(input_dim, output_dim)

        def forward(self, x):
            return self.lin(x)

    model = LinearRegression(1, 1)
    before = [p.item() for p in model.parameters()]
    run = train(Rung(model, "auto", "auto", "auto"), Table([1, 2, 3, 4], [2, 4, 6, 8]), 5, 0.01)
    assert [p.item() for p in model.parameters()] == before
    assert list(run.steps[0].before) == ["lin.weight", "lin.bias"]
    assert run.steps[0].before["lin.weight"] == 0  # where the other rungs start
    for given in (LinearRegression, lambda: LinearRegression(1, 1)):
        again = train(Rung(given, "auto", "auto", "auto"), Table([1, 2, 3, 4], [2, 4, 6, 8]), 5, 0.01)
        assert again.asked_after == run.asked_after
    own = train(Rung(model, "auto", "auto", "auto", start="own"), documents(), 1, 0.01)
    assert [v.item() for v in own.steps[0].before.values()] == pytest.approx(before)


def test_optimizers():
    def final(updates):
        return train(Rung(gradients="auto", updates=updates), documents(), 3, 0.01).steps[-1].after["w"].item()

    plain = final("auto")
    assert final(cr.optim.SGD) == final(lambda parameters: cr.optim.SGD(parameters, lr=0.01)) == plain
    assert final(functools.partial(cr.optim.SGD, momentum=0.9)) > plain
    assert final(functools.partial(cr.optim.SGD, lr=0.0)) == 0
    with pytest.raises(TypeError, match="SGD\\) that already has its parameters"):
        final(cr.optim.SGD([cr.tensor(0.0, requires_grad=True)], lr=0.01))


def test_an_update_in_place():
    def update(w, gradient, lr):
        w -= lr * gradient

    table = TABLES["a plane"]
    for gradients in ("by hand", "auto"):
        run = train(Rung(gradients=gradients, updates=update), Table(table.x, table.y, bias=False), 2, 0.01)
        assert np.any(run.steps[0].after["w"] != run.steps[0].before["w"])


def test_other_losses():
    for loss in (cr.nn.L1Loss(), cr.nn.L1Loss):
        run = train(Rung(gradients="auto", loss=loss), documents(), 1, 0.01)
        assert run.steps[0].loss == 5.0 and run.labels["loss"] == "L1Loss"


def test_numpy_under_autograd_is_explained():
    with pytest.raises(RuntimeError, match="numpy"):
        train(Rung(gradients="auto", loss=lambda y, y_pred: np.mean(np.asarray(y_pred - y) ** 2)), documents(), 1, 0.01)
    with pytest.raises(TypeError, match="does not remember how it was computed"):
        train(Rung(gradients="auto", loss=lambda y, y_pred: cr.tensor(1.0)), documents(), 1, 0.01)


@pytest.mark.parametrize(
    ("slots", "words"),
    [
        ({"prediction": lambda x, w: w}, r"prediction \(λ, by hand\) gives shape \(\) for 1 samples"),
        ({"loss": lambda y, y_pred: (y - y_pred) ** 2}, r"loss \(λ, by hand\) gives shape \(4,\)"),
        ({"gradients": lambda x, y, y_pred: (1.0, 2.0)}, r"gives 2 gradients for 1 parameters \(w\)"),
        ({"gradients": lambda x: None}, "gives 1 gradients for 1 parameters"),
        ({"prediction": lambda: 3}, "takes nothing and makes a int"),
        ({"prediction": lambda x: x}, "takes and reads no parameter"),
        ({"parameters": {"weight": [1.0, 2.0]}, "prediction": "auto"}, "a starting value of shape"),
    ],
)
def test_slots_that_cannot_work(slots, words):
    with pytest.raises((ValueError, TypeError), match=words):
        train(Rung(**slots), documents(), 1, 0.01)


@pytest.mark.parametrize(
    ("slots", "words"),
    [
        ({"prediction": "Linear"}, "prediction is 'Linear'"),
        ({"loss": 3}, "loss is 3"),
        ({"on": "gpu"}, "on is 'gpu'"),
        ({"start": "random"}, "start is 'random'"),
    ],
)
def test_slots_that_hold_nothing_known(slots, words):
    with pytest.raises((ValueError, TypeError), match=words):
        Rung(**slots)


def test_there_is_no_fifth_rung():
    with pytest.raises(ValueError, match="there is no rung '5'"):
        rung(5)


def test_a_rung_prints_what_differs_from_the_first():
    assert repr(Rung()) == "Rung()"
    assert repr(Rung(loss="auto", on="tensors")) == "Rung(loss='auto', on='tensors')"


# A file of one's own.


def test_own_rung_of_the_documents_text(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "import numpy as np\nw = 0.0\n"
        "def forward(x):\n    return w * x\n"
        "def loss(y, y_predicted):\n    return ((y_predicted - y) ** 2).mean()\n"
        "def gradient(x, y, y_predicted):\n    return np.dot(2 * x, y_predicted - y).mean()\n"
    )
    run = train(own_rung(path), documents(), 10, 0.01)
    assert run.steps[0].after["w"] == pytest.approx(1.2)
    assert run.labels == {
        "prediction": "forward()",
        "gradients": "gradient()",
        "loss": "loss()",
        "updates": "by hand",
    }


def test_own_rung_without_a_gradient_has_autograds(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("def prediction(x, w):\n    return x * w\n")
    assert train(own_rung(path), documents(), 1, 0.01).labels["gradients"] == "autograd"
    path.write_text("def update(w, g, lr):\n    return w - lr * g\n")
    assert train(own_rung(path), documents(), 1, 0.01).labels["gradients"] == "by hand"


def test_own_rung_that_is_none(tmp_path):
    with pytest.raises(ValueError, match="is no Python file"):
        own_rung(tmp_path / "absent.py")
    path = tmp_path / "mine.py"
    path.write_text("x = 1\n")
    with pytest.raises(ValueError, match="defines none of the four parts"):
        own_rung(path)


# Tables.


def test_a_table_from_a_file(tmp_path):
    path = tmp_path / "d.csv"
    path.write_text("size,rooms,price\n50,2,110\n60,3,140\n")
    table = Table.from_csv(path, ["size", "rooms"], "price")
    assert table.x.shape == (2, 2) and table.y.tolist() == [110, 140]
    assert table.formula == "f(size, rooms) = w[0]·size + w[1]·rooms + b" and table.question == "f(50, 2)"
    assert Table.from_csv(path, ["size"], "price").x.shape == (2,)
    with pytest.raises(ValueError, match="has no column 'siz'. Did you mean 'size'?"):
        Table.from_csv(path, ["siz"], "price")
    path.write_text("size,price\n50,x\n")
    with pytest.raises(ValueError, match="line 2: column 'price' holds 'x', which is no number"):
        Table.from_csv(path, ["size"], "price")
    path.write_text("size,price\n")
    with pytest.raises(ValueError, match="has no rows"):
        Table.from_csv(path, ["size"], "price")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([1, 2, 3], [1, 2]), r"x has shape \(3,\) and y \(2,\)"),
        (([], []), r"x has shape \(0,\)"),
        (([1, np.nan], [1, 2]), "x holds nan in row 1"),
        (([[1, 2]], [1], True, 5.0), r"ask has shape \(\)"),
    ],
)
def test_tables_that_are_none(arguments, words):
    with pytest.raises(ValueError, match=words):
        Table(*arguments)


def test_the_largest_learning_rate():
    """At just below 2/λ training closes in, at just above it moves away."""
    table = TABLES["a plane"]
    limit = table.largest_lr()
    below, above = (train(rung(1), table, 300, factor * limit).steps for factor in (0.98, 1.03))
    assert below[-1].loss < below[0].loss and above[-1].loss > above[0].loss


def test_public_names():
    assert {"Rung", "Table", "climb", "compare", "check_gradient", "documents", "rung", "classic"} <= set(dir(ladder))
