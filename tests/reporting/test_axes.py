"""Over which axes the loss surface is drawn, where somebody has chosen; and what is said of names that there are not."""

import numpy as np
import pytest
from click.testing import CliRunner

import chainrule as torch
from chainrule import nn
from chainrule.cli.main import main
from chainrule.reporting.axes import AxesError
from tests.reporting.pages import document, explain

PROGRAM = """\
import torch
x = torch.tensor([[1.0], [2.0], [3.0]])
model = torch.nn.Sequential(torch.nn.Linear(1, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for _ in range(5):
    loss = ((model(x) - 2 * x) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


def line():
    x, y = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([2.0, 3.0, 5.0])
    w = torch.tensor([0.5, 1.0], requires_grad=True)
    b = torch.tensor(0.25, requires_grad=True)
    return w, b, ((w[0] * x + w[1] * x**2 + b - y) ** 2).mean()


def planes(loss, tmp_path, surface):
    return document(torch.report(loss, tmp_path / "page.html", surface=surface))["surface"]["planes"]


def test_two_entries_by_name(tmp_path):
    w, b, loss = line()
    (plane,) = planes(loss, tmp_path, ("w[-1]", "b"))
    assert plane["kind"] == "parameters" and plane["labels"] == ["w[1]", "b"] and plane["path"] == [[1.0, 0.25]]
    x, y = np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0, 5.0])
    for i, j in ((0, 0), (7, 3), (-1, -1)):
        expected = np.mean((0.5 * x + plane["xs"][i] * x**2 + plane["ys"][j] - y) ** 2)
        assert plane["z"][j][i] == pytest.approx(expected, rel=1e-4)


def test_random_directions_of_a_seed(tmp_path):
    w, b, loss = line()
    (first,), (again,), (other,) = (planes(loss, tmp_path, s) for s in (("random", 0), "random", ("random", "7")))

    def corners(plane):  # how many points lie between depends on how quick the machine is
        return [plane["z"][j][i] for i in (0, -1) for j in (0, -1)]

    assert first["kind"] == "random" and corners(first) == corners(again) != corners(other)


def test_without_a_choice_there_are_all(tmp_path):
    w, b, loss = line()
    assert [p["kind"] for p in planes(loss, tmp_path, None)] == ["parameters"] * 3 + ["random"]


def test_names_as_in_named_parameters_and_of_tensors_in_lists(tmp_path):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    ws = [torch.ones(2, requires_grad=True)]
    loss = (model(torch.ones(3, 2)) * ws[0].sum()).pow(2).mean()
    (plane,) = planes(loss, tmp_path, ["1.weight[0,1]", "ws[0][1]"])
    assert plane["labels"] == ["model[1].weight[0, 1]", "ws[0][1]"]


@pytest.mark.parametrize(
    ("surface", "said"),
    [
        (("w[0]", "c"), r"does not depend on a parameter called 'c'(?s:.*)why: it was computed from w \[2\], b\n"),
        (("w[0]", "bb"), "called 'bb'. Did you mean 'b'"),
        (("w", "b"), r'w has 2 entries, and a surface is drawn over two(?s:.*)such as "w\[0\]"; or surface="random"'),
        (("w[0]", "w[2]"), r'w has no entry \[2\]\n  why: its shape is \[2\]\n  instead: "w\[1\]" is the last one'),
        (("w[0, 0]", "b"), r"w has no entry \[0, 0\]"),
        (("b[0]", "w[0]"), r'b has no entry \[0\](?s:.*)"b" alone: it is one number'),
        (("w[0]", "w[-2]"), "names the same entry twice"),
        (("w[0]", "w[1]", "b"), "surface names 3 axes\n  why: a surface is drawn over exactly two"),
        (("w[0]",), "surface names 1 axes"),
        ("w", "surface='w' is one name"),
        (("w[0]", 1), "a number names no parameter"),
    ],
)
def test_wrong_choices(tmp_path, surface, said):
    w, b, loss = line()
    with pytest.raises(AxesError, match=said):
        torch.report(loss, tmp_path / "page.html", surface=surface)
    assert not (tmp_path / "page.html").exists()


def test_what_is_no_choice_and_what_has_no_surface(tmp_path):
    w, b, loss = line()
    with pytest.raises(TypeError, match="surface=3 is a int"):
        torch.report(loss, tmp_path / "page.html", surface=3)
    with torch.record() as run:
        pass
    with pytest.raises(AxesError, match=r"(?s)there is no graph.*keeps the operations by name only.*report\(\[loss, run\]"):
        torch.report(run, tmp_path / "page.html", surface=("w[0]", "b"))
    with pytest.raises(AxesError, match="b is the only entry of all parameters"):
        torch.report(b * b, tmp_path / "page.html", surface="random")


def test_on_the_command_line(tmp_path):
    (tmp_path / "net.py").write_text(PROGRAM, encoding="utf-8")
    done = explain(tmp_path, "--html", "page.html", "--surface", "0.weight[2,0]", "2.bias", "net.py")
    assert done.returncode == 0, done.stderr
    (plane,) = document(tmp_path / "page.html")["surface"]["planes"]
    assert plane["labels"] == ["model[0].weight[2, 0]", "model[2].bias"] and len(plane["path"]) == 6
    done = explain(tmp_path, "--html", "page.html", "--surface", "0.weight", "2.bias", "net.py")
    page = document(tmp_path / "page.html")
    assert done.returncode == 1 and "0.weight has 3 entries" in done.stderr and 'such as "0.weight[0, 0]"' in done.stderr
    assert page["surface"] == {"reason": "0.weight has 3 entries, and a surface is drawn over two"} and page["graphs"]
    done = CliRunner().invoke(main, ["explain", "--surface", "0.bias[0]", "2.bias", str(tmp_path / "net.py")])
    assert done.exit_code == 2 and "--html report.html --surface AXIS AXIS" in done.stderr
