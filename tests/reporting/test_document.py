"""What a report's document says of programs: the numbers, and the reasons where there are none."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest

import chainrule
from chainrule import ladder
from chainrule.reporting.encoding import as_json, cells
from chainrule.reporting.schema import Document, problems
from tests.reporting import pages

NAMES = ("neuron", "paths", "linear", "byhand", "hostile", "broken", "climbing", "forward_only", "moons", "batches", "own_record")


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    pages.make(folder, *NAMES)
    return {name: pages.document(folder / f"{name}.html") for name in NAMES}


def node(graph, name):
    return next(n for n in graph["nodes"] if n["name"] == name)


@pytest.mark.parametrize("name", NAMES)
def test_the_document_has_the_shape_that_the_schema_says(documents, name):
    assert problems(documents[name], Document) == []


def test_no_part_failed(documents):
    """A reason may be that something is not there, not that it went wrong."""
    reasons = [part["reason"] for d in documents.values() for part in d.values() if isinstance(part, dict) and "reason" in part]
    assert reasons and not [r for r in reasons if "failed" in r]


def test_a_neuron(documents):
    (graph,) = documents["neuron"]["graphs"]
    assert node(graph, "ŷ") | {"v": 0, "g": 0} == {
        "kind": "operation", "name": "ŷ", "formula": "w · x", "numbers": "1 · 1", "op": "Mul", "shape": [],
        "value": "1", "gradient": "−2", "v": 0, "g": 0,
    }  # fmt: skip
    back = [(e["name"], e["formula"], e["value"], e["number"]) for e in graph["edges"] if "share" in e]
    assert back == [("∂ŷ/∂w", "x", "1", -2.0), ("∂v1/∂ŷ", "1", "1", -2.0), ("∂loss/∂v1", "2 · v1", "−2", -2.0)]


def test_shares_of_several_paths(documents):
    (graph,) = documents["paths"]["graphs"]
    to = [n["name"] for n in graph["nodes"]].index("v")
    assert sorted(e["number"] for e in graph["edges"] if e["from"] == to) == [18.0, 36.0]
    assert graph["nodes"][to]["gradient"] == "54"


def test_curves_end_where_the_program_ends(documents):
    curves = documents["linear"]["curves"]
    assert curves["count"] == 60 and curves["rates"] == [[0.05] * 60] and not curves["by_hand"]
    assert curves["losses"][0] > 2 and curves["losses"][-1] == pytest.approx(0.0803, abs=1e-3)
    assert documents["byhand"]["curves"]["by_hand"] and documents["byhand"]["curves"]["rates"] == []


def test_the_surface_is_the_loss(documents):
    """(w · x + b − y)² over w and b, against NumPy."""
    (plane,) = documents["byhand"]["surface"]["planes"]
    assert plane["labels"] == ["w", "b"]
    x = np.array([1.0, 2.0, 3.0, 4.0])
    for j in (0, len(plane["ys"]) - 1):
        for i in (0, len(plane["xs"]) // 2):
            expected = np.mean((plane["xs"][i] * x + plane["ys"][j] - 2 * x - 1) ** 2)
            assert plane["z"][j][i] == pytest.approx(expected, rel=1e-4)
    assert plane["path"][0] == [0.0, 0.0] and plane["steps"][-1] == 31


def test_the_planes_of_a_network(documents):
    planes = documents["moons"]["surface"]["planes"]
    assert [p["kind"] for p in planes] == ["parameters", "movement", "random"]
    for plane in planes[1:]:  # both go through the last state, where the loss is the last of the path
        assert plane["path"][-1] == pytest.approx([0, 0], abs=1e-6)
        assert plane["losses"][-1] < 0.1 * plane["losses"][0]


def test_the_fit_of_a_line(documents):
    fit = documents["linear"]["fit"]
    assert (fit["task"], fit["labels"], fit["target"], fit["points"]["of"]) == ("regression", ["x"], "y", 40)
    grid, last = fit["axes"][0], fit["frames"][-1]["curve"]
    slope = (last[-1] - last[0]) / (grid[-1] - grid[0])
    assert slope == pytest.approx(1.5, abs=0.1)
    assert last[len(last) // 2] == pytest.approx(-0.5, abs=0.1)


def test_the_regions_of_a_classifier(documents):
    fit = documents["moons"]["fit"]
    assert (fit["task"], fit["classes"], len(fit["axes"]), fit["points"]["of"]) == ("classes", 2, 2, 200)
    xs, ys = (np.array(a) for a in fit["axes"])
    classes = np.frombuffer(base64.b64decode(fit["frames"][-1]["classes"]), np.uint8).reshape(len(ys), len(xs))
    x1, x2 = (np.array(a) for a in fit["points"]["x"])
    found = [classes[np.abs(ys - b).argmin(), np.abs(xs - a).argmin()] for a, b in zip(x1, x2)]
    assert np.mean(np.array(found) == fit["points"]["y"]) > 0.95


def test_small_batches_are_put_together(documents):
    """The loss is the mean over several, and the points are all that the last ones held."""
    d = documents["batches"]
    assert d["surface"]["batches"] == 8 and documents["linear"]["surface"]["batches"] == 1
    assert d["fit"]["points"]["of"] == 120  # forty batches of twelve: every sample of four epochs
    x, y = (np.array(d["fit"]["points"][k]) for k in "xy")
    assert np.abs(np.sin(x[0]) - y).max() < 0.5
    (plane,) = [p for p in d["surface"]["planes"] if p["kind"] == "movement"]
    grid = np.array(plane["z"])
    assert grid.min() > 0 and plane["losses"][-1] < 0.1 * plane["losses"][0]


def test_a_program_may_have_a_record_and_a_doctor_of_its_own(documents):
    d = documents["own_record"]
    assert d["error"] == "" and d["curves"]["count"] == 5
    assert [f["code"] for f in d["findings"]] == ["D01"]


def test_the_modules_of_the_graph_are_those_that_ran(documents):
    graph = documents["moons"]["graphs"][-1]
    by_op = {n["op"]: n["module"] for n in graph["nodes"] if "op" in n and "module" in n}
    assert by_op["Tanh"] == "hidden.1" and by_op["Relu"] == "hidden.3"
    assert graph["kinds"]["hidden"] == "Sequential"
    assert [g["step"] for g in documents["moons"]["graphs"]] == [1, 150]


def test_activations(documents):
    found = {a["name"]: a for a in documents["moons"]["activations"]}
    assert list(found) == ["hidden.0", "hidden.1", "hidden.2", "hidden.3", "out"]
    assert -1 <= found["hidden.1"]["low"] < 0 < found["hidden.1"]["high"] <= 1
    assert max(found["hidden.0"]["zeros"]) == 0 and 0.1 < found["hidden.3"]["zeros"][-1] < 0.9
    assert len(base64.b64decode(found["out"]["shares"])) == found["out"]["bins"] * len(found["out"]["steps"])


def test_modules_made_for_one_step_and_losses_have_no_histogram(documents):
    assert [a["kind"] for a in documents["broken"]["activations"]] == ["Linear"]


def test_findings_stand_where_they_belong(documents):
    (finding,) = documents["broken"]["findings"]
    assert (finding["code"], finding["line"], finding["section"]) == ("D01", 11, "training")


def test_a_climb_is_a_table(documents):
    d = documents["climbing"]
    assert d["ladders"][0]["header"] == ["", "rung 1d", "rung 1", "rung 2", "rung 4"]
    assert "4.000 times" in " ".join(d["ladders"][0]["verdict"])
    assert "climb of the ladder" in d["graphs"]["reason"]
    assert d["findings"] == []  # what the rungs do is not the program's doing


def test_what_is_not_there_says_why(documents):
    d = documents["forward_only"]
    assert d["graphs"] == {"reason": "no backward pass was made from a loss of one number."}
    assert d["curves"] == {"reason": "no step of training was made."}
    assert "compares a prediction" in documents["paths"]["fit"]["reason"]


def test_a_failed_program_shows_what_there_was(documents):
    d = documents["hostile"]
    assert d["error"].startswith("ValueError: </script>") and d["curves"]["ended"] == "ValueError"
    assert len(d["curves"]["losses"]) == 3


# ---------------------------------------------------------------------- chainrule.report


def test_a_loss_in_a_program(tmp_path):
    w = chainrule.tensor(1.0, requires_grad=True)
    loss = (w * 3 - 2) ** 2
    path = chainrule.report(loss, tmp_path / "page.html")
    d = pages.document(path)
    assert problems(d, Document) == []
    assert node(d["graphs"][0], "w")["gradient"] == "6"
    assert w.grad is None
    assert d["curves"]["reason"].startswith("this report is of one loss")


def test_a_recorded_run_a_climb_and_a_doctor_on_one_page(tmp_path):
    w = chainrule.tensor([1.0, 2.0], requires_grad=True)
    optimizer = chainrule.optim.SGD([w], lr=0.1)
    with chainrule.doctor(show=False) as doctor, chainrule.record() as run:
        for _ in range(3):
            (w**2).sum().backward()
            optimizer.step()
    climb = ladder.climb([1, 2], epochs=2, show=False)
    d = pages.document(chainrule.report([run, climb, doctor], tmp_path / "page.html", title="mine"))
    assert problems(d, Document) == []
    assert d["title"] == "mine" and d["curves"]["losses"][0] == 5.0
    assert d["flow"]["parameters"][0]["gradient"][0] == pytest.approx(np.sqrt((4 + 16) / 2), rel=1e-5)
    assert [f["code"] for f in d["findings"]] == ["D01"] and len(d["ladders"]) == 1
    assert d["graphs"]["reason"].startswith("a recording keeps the operations by name only")


def test_a_function_of_ones_own_has_no_surface(tmp_path):
    class Double(chainrule.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return 2 * x

        @staticmethod
        def backward(ctx, g):
            return 2 * g

    w = chainrule.tensor(1.0, requires_grad=True)
    d = pages.document(chainrule.report(Double.apply(w) ** 2, tmp_path / "page.html"))
    assert d["surface"] == {"reason": "the program's own function Double cannot be computed again with other numbers."}


def test_the_random_stream_stays(tmp_path):
    chainrule.manual_seed(0)
    expected = chainrule.rand(2).tolist()
    chainrule.manual_seed(0)
    w = chainrule.ones(5, requires_grad=True)
    first = chainrule.rand(1).tolist()
    chainrule.report((w**2).sum(), tmp_path / "page.html")
    assert [*first, *chainrule.rand(1).tolist()] == expected


@pytest.mark.parametrize(
    "what, error, says",
    [
        (3.0, TypeError, "report() takes a loss, a recorded run, a climb, a doctor, or a list of these, but got float"),
        (chainrule.ones(2), RuntimeError, "grad can be implicitly created only for scalar outputs"),
        (chainrule.tensor(1.0), RuntimeError, "there is no history to explain"),
    ],
)
def test_what_cannot_be_reported(tmp_path, what, error, says):
    with pytest.raises(error) as raised:
        chainrule.report(what, tmp_path / "page.html")
    assert says in str(raised.value)
    assert not list(tmp_path.iterdir())


def test_where_nothing_can_be_written(tmp_path):
    w = chainrule.tensor(1.0, requires_grad=True)
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        chainrule.report(w**2, tmp_path / "no" / "page.html")
    with pytest.raises(IsADirectoryError, match="it is a folder"):
        chainrule.report(w**2, tmp_path)
    with pytest.raises(TypeError, match="path is a int"):
        chainrule.report(w**2, 3)


# ---------------------------------------------------------------------- encoding


def test_nothing_in_json_can_end_its_element():
    hostile = "</script><!--&\u2028\u2029\ud800"
    text = as_json({hostile: [float("nan"), float("-inf"), np.float32(0.1), True, None]})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"</script><!--&\u2028\u2029?": ["NaN", "-Infinity", 0.1, True, None]}


def test_pictures_of_arrays():
    assert cells(np.array(["a"])) is None and cells(np.zeros((0, 3))) is None
    large = cells(np.arange(10000.0).reshape(100, 10, 10))
    assert (large["rows"], large["columns"]) == (8, 8)
    infinite = cells(np.array([1.0, np.inf]))
    assert np.frombuffer(base64.b64decode(infinite["data"]), np.int8).tolist() == [127, -128] and infinite["scale"] == 1.0


def test_a_loss_is_reported_after_its_backward_pass_too(tmp_path):
    w = chainrule.tensor(1.0, requires_grad=True)
    y_hat = w * 3.0
    loss = (y_hat - 2.0) ** 2
    before = pages.document(chainrule.report(loss, tmp_path / "page.html"))["graphs"]
    loss.backward()
    with chainrule.no_grad():
        w -= 0.1
    assert pages.document(chainrule.report(loss, tmp_path / "page.html"))["graphs"] == before


def test_a_program_that_writes_between_the_uses_of_a_parameter_runs(tmp_path):
    program = """
import torch
w = torch.tensor(1.0, requires_grad=True)
first = w * 2.0
first.backward(retain_graph=True)
with torch.no_grad():
    w -= 0.5
(first + w * 3.0).backward()
print(w.grad.item())
"""
    (tmp_path / "twice.py").write_text(program, encoding="utf-8")
    done = pages.explain(tmp_path, "--html", "page.html", "twice.py")
    assert done.returncode == 0 and done.stdout.startswith("7.0\n"), done.stderr
