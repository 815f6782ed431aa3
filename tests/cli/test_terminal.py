"""What a person at a terminal sees: a progress bar while it trains, tables, errors broken between words."""

import os
import re
import subprocess
import sys

import pytest

pty = pytest.importorskip("pty")  # there is none on Windows

from chainrule.train.table import bundled  # noqa: E402


def in_a_terminal(folder, *arguments, columns=80):
    """Run `chainrule …` with a pseudo-terminal for output; return its status and what it wrote, colours taken out."""
    ours, theirs = pty.openpty()
    environment = {
        **os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": str(columns), "TERM": "xterm-256color",
    }  # fmt: skip
    environment.pop("NO_COLOR", None)
    command = [sys.executable, "-m", "chainrule.cli.main", *map(str, arguments)]
    process = subprocess.Popen(command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    written = b""
    try:
        while chunk := os.read(ours, 65536):
            written += chunk
    except OSError:  # Linux says that the other end is closed in this way
        pass
    finally:
        os.close(ours)
    text = written.decode().replace("\r\n", "\n")
    return process.wait(), text, re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


@pytest.mark.parametrize("columns", [80, 120])
def test_train_and_predict(tmp_path, columns):
    status, raw, text = in_a_terminal(tmp_path, "train", "-t", "species", "-e", 40, "--out", "r", columns=columns)
    assert status == 0, text
    assert re.search(r"epoch +\d+/40 ━", text)  # the bar was there
    after_the_bar = text[text.rindex("held-out rows") :]
    assert "━" not in after_the_bar
    assert "\x1b[1;32m" in raw  # better than the baseline is green
    assert max(len(line) for line in after_the_bar.splitlines()) <= columns

    status, _, text = in_a_terminal(tmp_path, "predict", "r", bundled(), columns=columns)
    assert status == 0, text
    rows = [line.split() for line in text.splitlines() if re.match(r"\d+ ", line)]
    assert [row[0] for row in rows] == [str(number) for number in range(1, 11)]
    assert all(0 <= float(row[-1]) <= 1 and row[1] == "Adelie" for row in rows)
    assert "… 334 more: chainrule predict r " in text


def test_errors_are_broken_between_words_and_stay_under_their_label(tmp_path):
    status, raw, text = in_a_terminal(tmp_path, "train", "-t", "spices")
    assert status == 1
    assert [line.rstrip() for line in text.splitlines()] == [
        "error: the target 'spices' is not a column of the table. Did you mean 'species'?",
        "  why: its 8 columns are species, island, bill_length_mm, bill_depth_mm,",
        "       flipper_length_mm, body_mass_g, sex, year",
    ]
    assert "\x1b[1;31m" in raw
