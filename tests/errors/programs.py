"""Programs whose errors are read: written to a file, so that messages can quote their lines, and run."""

import re
import runpy
import textwrap
import warnings
from pathlib import Path

import pytest

HEAD = """\
import numpy as np
import chainrule as torch
import chainrule.nn.functional as F
from chainrule import nn
"""


def said_by(source: str, folder: Path, head: str = HEAD) -> str:
    """The message of the error, or of the warning, that a program ends with; nothing if there is none."""
    file = folder / "program.py"
    file.write_text(head + textwrap.dedent(source), encoding="utf-8")
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            runpy.run_path(str(file), run_name="__main__")
        except Exception as error:
            return str(error)
    return str(heard[-1].message) if heard else ""


@pytest.fixture
def says(tmp_path, monkeypatch):
    """What a program says; its lines are counted from 1 after the imports."""
    monkeypatch.chdir(tmp_path)

    def run(source: str) -> str:
        return re.sub(r"\bline (\d+)\b", lambda m: f"line {int(m[1]) - HEAD.count(chr(10))}", said_by(source, tmp_path))

    return run
