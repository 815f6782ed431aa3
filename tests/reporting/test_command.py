"""`chainrule explain`: what it prints, how it ends, and what it says of wrong inputs."""

from __future__ import annotations

import os

import pytest
from click.testing import CliRunner

from chainrule.cli.main import main
from tests.reporting.pages import document, explain

NEURON = """\
import sys
import torch
x, y = torch.tensor(1.0), torch.tensor(2.0)
w = torch.tensor(1.0, requires_grad=True)
y_hat = w * x
loss = (y_hat - y) ** 2
loss.backward()
print("done", sys.argv[1:])
"""


@pytest.fixture
def script(tmp_path):
    (tmp_path / "neuron.py").write_text(NEURON, encoding="utf-8")
    return tmp_path


def test_without_a_page_the_pass_is_told_as_text(script):
    done = explain(script, "neuron.py")
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.startswith("done []\n\n1  Forward pass\n   w                = 1   (parameter)\n")
    assert done.stdout.endswith("3  Chain rule\n   ∂loss/∂w = ∂loss/∂ŷ · ∂ŷ/∂w = 2 · (ŷ − y) · x = −2\n")


def test_options_that_are_not_ours_are_the_programs(script):
    done = explain(script, "neuron.py", "--epochs", "3", "--html", "page.html")
    assert done.returncode == 0
    assert done.stdout.startswith("done ['--epochs', '3']\n\nreport: page.html (")
    assert document(script / "page.html")["title"] == "neuron.py"
    assert document(script / "page.html")["source"]["lines"][0] == "import sys"


def test_a_program_that_fails_is_shown_and_reported(script):
    (script / "bad.py").write_text(NEURON + "raise ValueError('no more')\n", encoding="utf-8")
    done = explain(script, "bad.py", "--html", "page.html")
    assert done.returncode == 2
    assert "ValueError: no more" in done.stderr and "reporting" not in done.stderr
    assert document(script / "page.html")["error"] == "ValueError: no more"


def test_a_program_that_ends_itself(script):
    (script / "ends.py").write_text(NEURON + "sys.exit('enough')\n", encoding="utf-8")
    done = explain(script, "ends.py", "--html", "page.html")
    assert done.returncode == 2 and done.stderr.startswith("enough\n")


def test_a_program_without_a_backward_pass(script):
    (script / "plain.py").write_text("import torch\nprint(torch.ones(2).sum())\n", encoding="utf-8")
    done = explain(script, "plain.py")
    assert done.returncode == 1
    assert done.stderr == (
        "error: there is nothing to explain in plain.py\n"
        "  why: no backward pass was made from a loss of one number\n"
        "  instead: loss.backward() in the program\n"
    )
    done = explain(script, "plain.py", "--html", "page.html")
    assert done.returncode == 0
    assert "without the graph: no backward pass was made from a loss of one number." in done.stderr


def refused(*arguments: str) -> tuple[int, str]:
    """(exit status, message) of a command that ends before any program runs."""
    done = CliRunner().invoke(main, ["explain", *arguments])
    assert done.stdout == ""
    return done.exit_code, done.stderr


def test_files_that_are_not_there(script, monkeypatch):
    monkeypatch.chdir(script)
    status, says = refused("nuron.py")
    assert status == 2 and "There is no file 'nuron.py'." in says
    status, says = refused(".")
    assert status == 2 and "(it is a folder)" in says
    (script / "book.ipynb").write_text("{}", encoding="utf-8")
    status, says = refused("book.ipynb")
    assert status == 2 and "chainrule.report(loss, 'report.html')" in says


def test_a_path_that_cannot_be_written_is_refused_before_the_program_runs(script, monkeypatch):
    monkeypatch.chdir(script)
    status, says = refused("neuron.py", "--html", "no/page.html")
    assert status == 1 and says.startswith("error: cannot write the report to 'no/page.html'\n  why: there is no folder ")
    status, says = refused("neuron.py", "--html", ".")
    assert status == 1 and "it is a folder" in says


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to(script):
    (script / "locked").mkdir(mode=0o500)
    status, says = refused(str(script / "neuron.py"), "--html", str(script / "locked" / "page.html"))
    assert status == 1 and "may not be written to" in says
