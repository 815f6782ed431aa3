"""What notebooks' cells are made of: Python and commands to IPython; and the forms in which values are shown."""

import base64

import pytest

from chainrule.interop.cell_source import python_of
from chainrule.interop.shown import forms


@pytest.mark.parametrize(
    "source, python, said",
    [
        ("x = 1", "x = 1", ""),
        ("%matplotlib inline\nx = 1", "pass\nx = 1", ""),
        ("!pip install torch\nx = 1", "pass\nx = 1", "cell 3: left out: !pip install torch\n"),
        (
            "if x:\n    !ls\n    %cd ..",
            "if x:\n    pass\n    pass",
            "cell 3: left out: !ls\ncell 3: left out: %cd ..\n",
        ),
        ("!pip install \\\n  torch \\\n  numpy\nx", "pass\n\n\nx", "cell 3: left out: !pip install\n"),
        ("%time y = f(x)\n%timeit g()", "y = f(x)\ng()", ""),
        ("%timeit", "pass", "cell 3: left out: %timeit\n"),
        ("files = !ls\nhere = %pwd", "pass\npass", "cell 3: left out: files = !ls\ncell 3: left out: here = %pwd\n"),
        ("torch.nn?\n?len", "pass\npass", "cell 3: left out: torch.nn?\ncell 3: left out: ?len\n"),
        ("t = '''\n%abc\n!x\n'''\n%load_ext a", "t = '''\n%abc\n!x\n'''\npass", "cell 3: left out: %load_ext a\n"),
        ("y = (7\n% 4)\n!ls", "y = (7\n% 4)\npass", "cell 3: left out: !ls\n"),
        ("%%time\nx = 1", "\nx = 1", ""),
        ("%%html\n<b>", "\n", "cell 3: left out: %%html\n"),
        ("y = = 3", "y = = 3", ""),
        ("f(", "f(", ""),
        ("'''", "'''", ""),
    ],
)
def test_cells(source, python, said, capfd, monkeypatch):
    monkeypatch.setattr("sys.__stderr__", __import__("sys").stderr)
    assert python_of(source, 3) == python
    assert capfd.readouterr().err == said


def test_files_written_by_cells(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    python_of("%%writefile a.txt\none", 1)
    python_of("%%writefile -a a.txt\ntwo\n", 2)
    assert (tmp_path / "a.txt").read_text() == "one\ntwo\n"


def test_forms():
    class Many:
        def __repr__(self):
            return "two\nlines"

        def _repr_html_(self):
            return "<b>"

        def _repr_png_(self):
            return b"png", {"width": 3}

        def _repr_latex_(self):
            return None

    assert forms(Many()) == {
        "text/plain": ["two\n", "lines"],
        "text/html": ["<b>"],
        "image/png": base64.b64encode(b"png").decode(),
    }
    assert list(forms(Many)) == ["text/plain"]
