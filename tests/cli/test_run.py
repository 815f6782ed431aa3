"""`chainrule run` runs programs and notebooks as python and Jupyter would, with chainrule as torch."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"


def run(*arguments, cwd, **options):
    """The finished command, run in a folder."""
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "chainrule", "run", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, **options)


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


PROGRAM = """\
import sys
import torch
import helper
from torch import nn

if __name__ == "__main__":
    torch.manual_seed(0)
    print(sys.argv, __file__, helper.NAME, __spec__ if "__spec__" in globals() else None)
    print(nn.Linear(2, 1)(torch.ones(1, 2)))
    print(torch.__version__.split("+")[0])
    annotated: undefined = 1
    sys.exit(len(sys.argv))
"""


def test_a_script(write, tmp_path):
    write("folder/helper.py", "NAME = 'beside'")
    write("folder/train.py", PROGRAM.replace("annotated: undefined = 1", ""))
    done = run("folder/train.py", "--lr", "0.1", "-m", cwd=tmp_path)
    assert done.stdout.splitlines() == [
        "['folder/train.py', '--lr', '0.1', '-m'] folder/train.py beside None",
        "tensor([[-0.2080]], grad_fn=<AddmmBackward0>)",
        "2.13.0",
    ]
    assert done.returncode == 4
    assert done.stderr == ""


def test_a_script_is_compiled_as_it_is_written(write, tmp_path):
    """Without the `from __future__` imports of the file that compiles it."""
    write("train.py", "x: undefined = 1")
    done = run("train.py", cwd=tmp_path)
    assert done.stderr.splitlines()[-1] == "NameError: name 'undefined' is not defined"


def test_a_module(write, tmp_path):
    write("package/__init__.py", "")
    write("package/train.py", "import sys, torch\nfrom . import other\nprint(sys.argv[1:], other.x, __name__, __package__)")
    write("package/other.py", "import torch\nx = torch.ones(2)")
    done = run("-m", "package.train", "--lr", "1", cwd=tmp_path)
    assert done.stdout == "['--lr', '1'] tensor([1., 1.]) __main__ package\n"
    assert done.returncode == 0


FAILING = """\
import torch

def predict(x):
    return torch.nn.functional.linear(x, torch.ones(3, 4))

try:
    predict(torch.ones(5))
except RuntimeError as error:
    raise ValueError("no prediction") from error
"""


def test_an_error_shows_the_programs_own_lines(write, tmp_path):
    write("train.py", FAILING)
    done = run("train.py", cwd=tmp_path)
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if "^" not in line and "~" not in line]
    assert [line for line in lines if line.startswith("  File")] == [
        '  File "train.py", line 7, in <module>',
        '  File "train.py", line 4, in predict',
        '  File "train.py", line 9, in <module>',
    ]
    assert "    return torch.nn.functional.linear(x, torch.ones(3, 4))" in lines
    assert lines[-1] == "ValueError: no prediction"
    assert "The above exception was the direct cause" in done.stderr


def test_all_lines_can_be_shown(write, tmp_path):
    write("train.py", FAILING)
    done = run("--full-traceback", "train.py", cwd=tmp_path)
    assert "chainrule" + os.sep + "nn" in done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize(
    "text, last, status",
    [
        ("import torch\nx = (", "SyntaxError: '(' was never closed", 1),
        ("import sys\nsys.exit('stopped')", "stopped", 1),
        ("raise SystemExit(7)", None, 7),
        ("import torch\ntorch.zeroes(3)", "  near: torch.zeros, torch.zeros_like, torch.nonzero", 1),
        ("import torch\ntorch.nn.Lineer", "  near: torch.nn.Linear, torch.nn.linear, torch.nn.LazyLinear", 1),
        ("from torch.nn import Lineer", "  near: torch.nn.Linear, torch.nn.linear, torch.nn.LazyLinear", 1),
        ("import sys\nsys.excepthook = lambda *error: print('mine', file=sys.stderr)\n1 / 0", "mine", 1),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", 128 + signal.SIGINT),
    ],
)
def test_how_a_program_ends(write, tmp_path, text, last, status):
    write("train.py", text)
    done = run("train.py", cwd=tmp_path)
    assert done.returncode == status
    assert (done.stderr.splitlines() or [None])[-1] == last


def test_usage_errors(tmp_path):
    for arguments, words in (
        ((), "Give a SCRIPT, a NOTEBOOK.ipynb, or -m MODULE."),
        (("nowhere.py",), "There is no file 'nowhere.py'."),
        ((".",), "There is no file '.' (it is a folder)."),
        (("--output", "x.ipynb", "-m", "this"), "--output is for notebooks."),
    ):
        done = run(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert words in done.stderr


def test_a_saved_model_of_the_programs_own_class_is_read_again(write, tmp_path):
    write(
        "train.py",
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.layer = torch.nn.Linear(2, 1)\n"
        "    def forward(self, x):\n"
        "        return self.layer(x)\n"
        "net = Net()\n"
        "torch.save(net, 'net.pt')\n"
        "again = torch.load('net.pt', weights_only=False)\n"
        "print(type(again) is Net, torch.equal(again(torch.ones(2)), net(torch.ones(2))))\n",
    )
    done = run("train.py", cwd=tmp_path)
    assert done.stdout == "True True\n", done.stderr


# ---------------------------------------------------------------------- notebooks


def notebook(*cells):
    made = [
        {"cell_type": "code", "metadata": {}, "source": cell, "outputs": [], "execution_count": None}
        if isinstance(cell, str)
        else {"cell_type": "markdown", "metadata": {}, "source": cell[0]}
        for cell in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def test_a_notebook_shows_what_its_cells_show(write, tmp_path):
    text = notebook(
        "%matplotlib inline\n!pip install torch\nimport torch\nx = torch.arange(3.0)\nx",
        ["# Text"],
        "print('sum', x.sum().item())\nx.mean();",
        "for i in range(2):\n    print(i)\ndisplay(x * 2)\nNone",
        "class Shown:\n    def _repr_html_(self):\n        return '<b>x</b>'\n    def __repr__(self):\n        return 'x!'\nShown()",
        "text = '''\n% not a command\n'''\nlen(_.__class__.__name__), text",
        "",
    )
    write("lessons/lesson.ipynb", text)
    write("lessons/beside.txt", "")
    done = run("--output", "done.ipynb", "lessons/lesson.ipynb", cwd=tmp_path)
    assert done.stdout.splitlines() == [
        "tensor([0., 1., 2.])",
        "sum 3.0",
        "0",
        "1",
        "tensor([0., 2., 4.])",
        "x!",
        r"(5, '\n% not a command\n')",
    ]
    assert done.stderr == "cell 1: left out: !pip install torch\n"
    assert done.returncode == 0
    cells = json.loads((tmp_path / "done.ipynb").read_text(encoding="utf-8"))["cells"]
    assert [cell.get("execution_count") for cell in cells] == [1, None, 2, 3, 4, 5, 6]
    assert [[shown["output_type"] for shown in cell.get("outputs", [])] for cell in cells] == [
        ["execute_result"], [], ["stream"], ["stream", "display_data"], ["execute_result"], ["execute_result"], []]  # fmt: skip
    assert cells[3]["outputs"][0]["text"] == ["0\n", "1\n"]
    assert cells[4]["outputs"][0]["data"] == {"text/plain": ["x!"], "text/html": ["<b>x</b>"]}
    assert json.loads(text)["cells"][0]["source"] == cells[0]["source"]
    assert not (tmp_path / "lessons" / "done.ipynb").exists()


def test_a_notebook_that_fails(write, tmp_path):
    write("lesson.ipynb", notebook("import torch\ndef f():\n    return torch.ones(2) @ torch.ones(3)", "1\nf()", "print('not reached')"))
    done = run("--output", "done.ipynb", "lesson.ipynb", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[:3] == ["Traceback (most recent call last):", '  File "lesson.ipynb, cell 2", line 2, in <module>', "    f()"]
    assert '  File "lesson.ipynb, cell 1", line 3, in f' in lines
    assert "    return torch.ones(2) @ torch.ones(3)" in lines
    cells = json.loads((tmp_path / "done.ipynb").read_text(encoding="utf-8"))["cells"]
    (shown,) = cells[1]["outputs"]
    assert shown["output_type"] == "error"
    assert cells[2]["execution_count"] is None


def test_a_notebook_runs_in_its_folder(write, tmp_path):
    write("lessons/data.csv", "1,2")
    write("lessons/lesson.ipynb", notebook("import sys\nprint(open('data.csv').read(), sys.argv)"))
    done = run("lessons/lesson.ipynb", "--fast", cwd=tmp_path)
    assert done.stdout == "1,2 ['lesson.ipynb', '--fast']\n"


def test_figures_become_part_of_the_notebook(write, tmp_path):
    pytest.importorskip("matplotlib")
    write("lesson.ipynb", notebook("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()", "plt.get_fignums()"))
    done = run("--output", "done.ipynb", "lesson.ipynb", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
    shown = json.loads((tmp_path / "done.ipynb").read_text(encoding="utf-8"))["cells"][0]["outputs"]
    assert shown[-1]["data"]["image/png"].startswith("iVBOR")


@pytest.mark.parametrize(
    "text, words",
    [
        ("{", "its content is not JSON"),
        ("[]", "it holds no list of cells"),
        ('{"worksheets": []}', "format 3"),
        ('{"cells": [{"cell_type": "code"}]}', "its cell 1 has no source"),
        ('{"cells": [3]}', "its cell 1 has no source"),
    ],
)
def test_files_that_are_no_notebooks(write, tmp_path, text, words):
    write("lesson.ipynb", text)
    done = run("lesson.ipynb", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("lesson.ipynb is not a notebook")
    assert words in done.stderr


def cells_of(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def test_each_show_is_a_figure_of_its_own(write, tmp_path, monkeypatch):
    """As in Jupyter, where showing a figure closes it: in its place among what is printed."""
    pytest.importorskip("matplotlib")
    monkeypatch.delenv("MPLBACKEND", raising=False)
    cell = "import matplotlib.pyplot as plt\nfor i in range(2):\n    plt.plot([i, 2])\n    plt.show()\n    print('shown', i)"
    write("lesson.ipynb", notebook(cell, "plt.plot([1, 2]);"))
    done = run("--output", "done.ipynb", "lesson.ipynb", cwd=tmp_path)
    figure = "<Figure size 640x480 with 1 Axes>"
    assert done.stdout.splitlines() == [figure, "shown 0", figure, "shown 1", figure]
    assert done.stderr == ""
    kinds = [[shown["output_type"] for shown in cell["outputs"]] for cell in cells_of(tmp_path / "done.ipynb")]
    assert kinds == [["display_data", "stream", "display_data", "stream"], ["display_data"]]


def test_what_an_earlier_run_left_is_gone(write, tmp_path):
    made = json.loads(notebook("1 / 0", "2"))
    made["cells"][1] |= {"outputs": [{"output_type": "stream", "name": "stdout", "text": ["old"]}], "execution_count": 9}
    write("lesson.ipynb", json.dumps(made))
    done = run("--output", "lesson.ipynb", "lesson.ipynb", cwd=tmp_path)
    assert done.returncode == 1
    first, second = cells_of(tmp_path / "lesson.ipynb")
    assert first["outputs"][0]["ename"] == "ZeroDivisionError"
    assert (second["outputs"], second["execution_count"]) == ([], None)


def test_the_notebook_is_written_whole_also_when_it_exits(write, tmp_path):
    write("lesson.ipynb", notebook("print('é')", "import sys\nsys.exit(3)", "1"))
    done = run("--output", "done.ipynb", "lesson.ipynb", cwd=tmp_path)
    assert done.returncode == 3
    assert cells_of(tmp_path / "done.ipynb")[0]["outputs"][0]["text"] == ["é\n"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["done.ipynb", "lesson.ipynb"]


def test_executed_notebooks_are_valid(write, tmp_path):
    nbformat = pytest.importorskip("nbformat")
    made = json.loads(notebook("import torch\nprint(1)\ntorch.ones(2)", "display(2)", "1 / 0"))
    for number, cell in enumerate(made["cells"]):
        cell["id"] = f"cell-{number}"
    write("lesson.ipynb", json.dumps(made))
    run("--output", "done.ipynb", "lesson.ipynb", cwd=tmp_path)
    nbformat.validate(nbformat.read(tmp_path / "done.ipynb", as_version=4))


@pytest.mark.parametrize("place, why", [("nowhere/done.ipynb", "there is no folder 'nowhere'"), (".", "it is a folder")])
def test_where_the_notebook_cannot_be_written_is_said_first(write, tmp_path, place, why):
    write("lesson.ipynb", notebook("print('executed')"))
    done = run("--output", place, "lesson.ipynb", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        f"The notebook cannot be written to {place}", f"  why: {why}", "  instead: --output FILE.ipynb"]  # fmt: skip


def test_a_cell_that_is_no_python(write, tmp_path):
    write("lesson.ipynb", notebook("1", "x = 1\nif x:\n    y = = 3"))
    done = run("lesson.ipynb", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        '  File "lesson.ipynb, cell 2", line 3', "    y = = 3", "        ^", "SyntaxError: invalid syntax"]  # fmt: skip


def test_names_that_are_missing_in_a_notebook(write, tmp_path):
    write("lesson.ipynb", notebook("import torch", "x = 1\ntorch.zeroes(3)"))
    done = run("lesson.ipynb", cwd=tmp_path)
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert lines[1] == '  File "lesson.ipynb, cell 2", line 2, in <module>'
    assert lines[-3] == "AttributeError: module 'torch' has no attribute 'zeroes'"
    assert lines[-1].startswith("  near: torch.zeros, ")


def test_pictures_are_shown_in_notebooks(write, tmp_path):
    pytest.importorskip("PIL")
    write("lesson.ipynb", notebook("import torch, torchvision\ntorchvision.transforms.ToPILImage()(torch.ones(1, 2, 2))"))
    done = run("--output", "done.ipynb", "lesson.ipynb", cwd=tmp_path)
    assert done.stdout.startswith("<PIL.Image.Image image mode=L size=2x2"), done.stderr
    assert cells_of(tmp_path / "done.ipynb")[0]["outputs"][0]["data"]["image/png"].startswith("iVBOR")


def test_a_file_written_by_a_cell(write, tmp_path):
    write("lesson.ipynb", notebook("%%writefile part.py\nN = 3", "import part\npart.N", "%%bash\nexit 1"))
    done = run("lesson.ipynb", cwd=tmp_path)
    assert done.stdout == "3\n"
    assert done.stderr.splitlines() == ["cell 1: wrote part.py", "cell 3: left out: %%bash"]


def test_an_unknown_option_is_no_script(tmp_path):
    done = run("--ouput", "x.py", cwd=tmp_path)
    assert done.returncode == 2 and "No such option" in done.stderr and "--output" in done.stderr  # click words it by version
