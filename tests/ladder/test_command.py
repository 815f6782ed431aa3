"""`chainrule ladder` on the documents' data, on a table, with a file of one's own, and with wrong input."""

import pytest
from click.testing import CliRunner

from chainrule.cli.ladder import ladder


def run(*arguments):
    return CliRunner().invoke(ladder, list(map(str, arguments)))


@pytest.fixture
def prices(tmp_path):
    path = tmp_path / "d.csv"
    path.write_text("size,rooms,price\n0.5,2,1.1\n0.6,3,1.4\n0.8,3,1.7\n1.0,4,2.1\n")
    return path


def test_the_four_rungs():
    result = run()
    assert result.exit_code == 0, result.output
    assert "rung 1, rung 2, rung 3 and rung 4 agree at each of 20 steps" in result.output
    for cell in ("Linear", "autograd", "MSELoss", "SGD", "f(5) after", "9.612"):
        assert cell in result.output


def test_the_documents_first_rung():
    result = run("--rungs", "1d,2", "--epochs", 5)
    assert "rung 1d parts from rung 2 at step 1: its gradient is 4.000 times the true one" in result.output


def test_a_table(prices):
    result = run(prices, "--x", "size", "--x", "rooms", "--target", "price", "--epochs", 30, "--lr", 0.05)
    assert result.exit_code == 0, result.output
    assert "f(size, rooms) = w[0]·size + w[1]·rooms + b, 4 samples, 30 steps, lr = 0.05" in result.output
    assert "agree at each of 30 steps" in result.output
    without = run(prices, "--x", "size", "--target", "price", "--no-bias")
    assert "f(x) = w·x, 4 samples" in without.output


def test_a_rung_of_ones_own(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("def gradient(x, y, y_pred):\n    return (2 * x * (y - y_pred)).mean()\n")
    result = run("--own", path, "--rungs", "2")
    assert result.exit_code == 0, result.output
    assert "rung own parts from rung 2 at step 1" in result.output and "its sign is turned" in result.output


def test_an_error_in_ones_own_file_names_the_line(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("def forward(x, w):\n    return w * z\n")
    result = run("--own", path)
    assert result.exit_code == 1
    assert "name 'z' is not defined" in result.output and "mine.py, line 2" in result.output.replace("\n", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--rungs", "9"], "there is no rung '9'"),
        (["--lr", "0"], "Invalid value for '--lr'"),
        (["--epochs", "0"], "Invalid value for '--epochs'"),
        (["--x", "size"], "name columns of DATA"),
        (["absent.csv"], "does not exist"),
    ],
)
def test_wrong_input(arguments, words):
    result = run(*arguments)
    assert result.exit_code != 0 and words in result.output


def test_wrong_columns(prices):
    assert "it has size, rooms, price" in run(prices).output
    result = run(prices, "--x", "siz", "--target", "price")
    assert result.exit_code == 1 and "has no column 'siz'. Did you mean 'size'" in result.output


def test_without_anything_the_documents_own_rung_is_found_out():
    output = " ".join(run().output.split())
    assert "its gradient is 4.000 times the true one at every point tried; the loss takes a mean over N = 4;" in output
    assert "its gradient takes a sum" in output


def test_a_narrow_terminal_gets_tables_below_each_other(monkeypatch):
    from rich.console import Console

    from chainrule.cli import ladder as module

    monkeypatch.setattr(module, "console", lambda: Console(force_terminal=True, width=60, highlight=False))
    lines = run("--epochs", 2, "--rungs", "1,2,3,4").output.splitlines()
    assert sum("prediction" in line for line in lines) == 2
    assert not any("…" in line for line in lines)
