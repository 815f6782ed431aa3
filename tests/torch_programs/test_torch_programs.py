"""Complete training programs in the style of courses, written for PyTorch: under chainrule they print the same.

`programs/NAME.py` runs under either; `programs/NAME.txt` is what PyTorch 2.13.0 prints. Everything random is seeded,
so the words agree, and every number to four significant digits (the last digits depend on the order of additions).
"""

from pathlib import Path

import pytest

import chainrule
from tests.programs_runner import agree, close, differences, run, run_source

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.py"))

# A program is listed here only while it fails, with the reason; strict, so that the day it passes shows.
FAILS: dict[str, str] = {}


def marked(path: Path):
    reason = FAILS.get(path.stem)
    marks = [pytest.mark.xfail(strict=True, reason=reason)] if reason else []
    return pytest.param(path, id=path.stem, marks=marks)


@pytest.mark.parametrize("path", [marked(path) for path in PROGRAMS])
def test_prints_what_torch_prints(path):
    expected = path.with_suffix(".txt").read_text(encoding="utf-8")
    assert "\n".join(differences(expected, run(path, chainrule))) == ""


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_torch_still_prints_the_stored_output(path):
    torch = pytest.importorskip("torch")
    expected = path.with_suffix(".txt").read_text(encoding="utf-8")
    assert "\n".join(differences(expected, run(path, torch))) == ""


def test_there_are_at_least_twenty():
    assert len(PROGRAMS) >= 20
    assert set(FAILS) <= {path.stem for path in PROGRAMS}


@pytest.mark.parametrize(
    ("expected", "printed", "agreement"),
    [
        ("loss 0.12345", "loss 0.12346", True),  # one unit of the last place
        ("loss 0.12345", "loss 0.12349", False),
        ("loss 1234.5678", "loss 1234.6", True),  # four digits
        ("loss 1234.5678", "loss 1235.6", False),
        ("1.5000e-05", "1.5003e-05", False),
        ("epoch 3", "epoch 4", False),
        ("tensor([1., 2.])", "tensor([1., 3.])", False),
        ("tensor([-0.0000, 1.5000])", "tensor([0.0000, 1.5000])", True),
        ("dog", "dogs", False),
        ("[1, 2]", "[1, 2, 3]", False),
        ("inf", "nan", False),
    ],
)
def test_numbers_agree_to_four_digits_and_words_entirely(expected, printed, agreement):
    assert agree(expected, printed) is agreement
    assert (differences(expected, printed) == []) is agreement


def test_a_missing_line_is_a_difference():
    assert differences("a\nb\n", "a\n") == ["expected 2 lines, printed 1; line 2 is 'b'"]


def test_counts_are_compared_exactly():
    assert close("100000", "100000", digits=4) and not close("100000", "100001", digits=4)


def test_a_cell_shows_its_last_expression():
    source = "# %%\nx = 2\nx\n\n# %%\nprint('y')\nNone\n\n# %%\n'z'\n"
    assert run_source(source, "cells", chainrule) == "2\ny\n'z'\n"


def test_the_alias_holds_only_within_the_run():
    import sys

    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "torch"}
    source = "import torch, torch.nn as nn, torch.nn.functional as F\nprint(torch.__name__, nn.__name__, F.__name__)"
    assert run_source(source, "alias", chainrule).startswith("torch chainrule.nn")
    assert before == {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "torch"}
