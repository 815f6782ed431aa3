"""What the table says about given samples: units, ratios, targets, failures."""

import json

import pytest

from benchmarks import report
from benchmarks.measure import Measured, Result, disagreements
from benchmarks.process import IMPORT
from benchmarks.rows import ProcessRow, StepRow

STEP = StepRow("step", "a step", {}, target=2.0)
COST = ProcessRow("import", "an import", IMPORT, limit=0.060)
ABOUT = {
    "date": "2025-01-01",
    "machine": {"processor": "P", "cpus": 2, "python": "3.12"},
    "versions": {"chainrule": "0.1"},
}


def result(ours, theirs, row=STEP, others=0.0, failures=None):
    measured = {"chainrule": Measured(tuple(ours))} if ours else {}
    if theirs:
        measured["PyTorch"] = Measured(tuple(theirs))
    return Result(row, measured, failures or {}, others)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (14.2e-6, "s", "14.2 µs"),
        (3.456e-7, "s", "0.35 µs"),
        (1.5349e-3, "s", "1.53 ms"),
        (0.274, "s", "274 ms"),
        (1.1, "s", "1.10 s"),
        (42e6, "B", "42.0 MB"),
        (314.4e6, "B", "314 MB"),
    ],
)
def test_amounts_have_three_digits_and_a_unit(value, unit, text):
    assert report.amount(value, unit) == text


def test_the_ratio_is_of_medians():
    assert report.ratio(result([1.0, 1.0, 9.0], [3.0, 3.0, 0.1])) == 3.0
    assert report.ratio(result([1.0], [])) is None


def test_a_target_is_met_missed_or_not_judged():
    assert report.met(result([1.0], [2.0])) is True
    assert report.met(result([1.0], [1.9])) is False
    assert report.met(result([1.0], [])) is None
    assert report.met(result([0.059], [], row=COST)) is True
    assert report.met(result([0.061], [], row=COST)) is False


def test_cells_hold_median_spread_ratio_target_and_verdict():
    measured = result([1e-3, 1.1e-3, 1.2e-3], [4.4e-3])
    assert report.cells(measured, ["chainrule", "PyTorch"]) == [
        "a step", "1.10 ms ±9 %", "4.40 ms ±0 %", "4.00×", "≥ 2×", "met",
    ]  # fmt: skip


def test_a_disturbed_row_is_marked_and_explained():
    disturbed = result([1.0], [2.0], others=1.3)
    assert report.cells(disturbed, ["chainrule"])[0] == "a step *"
    assert "other processes used up to 1.3 CPUs" in report.notes([disturbed])[0]


def test_a_failure_is_a_row_with_its_reason():
    failed = result([], [2.0], failures={"chainrule": "ValueError: no"})
    assert report.cells(failed, ["chainrule", "PyTorch"])[1] == "failed"
    assert report.notes([failed]) == ["a step: chainrule: ValueError: no"]


def test_frameworks_that_compute_something_else_are_named():
    agreed = {"PyTorch": [1.0, 0.5, 0.25], "chainrule": [1.0, 0.5, 0.25000001]}
    assert disagreements(agreed, 1e-4) == {}
    assert disagreements({**agreed, "chainrule": [1.0, 0.51, 0.25]}, 1e-4) == {
        "chainrule": "the loss of step 2 is 0.51, PyTorch's is 0.5"
    }
    assert disagreements({"PyTorch": [1.0, 1.0, 1.0, 2.0], "chainrule": [1.0, 1.0, 1.0, 3.0]}, 1e-4) == {
        "chainrule": "the norm of gradient 1 is 3, PyTorch's is 2"
    }
    assert "chainrule" in disagreements({**agreed, "chainrule": [1.0, float("nan"), 0.25]}, 1e-4)


def test_saving_writes_the_samples_and_the_page_between_its_markers(tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    monkeypatch.setattr(report, "PAGE", page)
    monkeypatch.setattr(report, "RESULTS", tmp_path / "latest.json")
    report.save([result([1.0], [3.0])], ["chainrule", "PyTorch"], ABOUT)
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith(f"{report.END}\nafter\n") and "old" not in text
    assert "| a step | 1.00 s ±0 % | 3.00 s ±0 % | 3.00× | ≥ 2× | met |" in text
    row = json.loads((tmp_path / "latest.json").read_text())["rows"][0]
    assert row["samples"] == {"chainrule": [1.0], "PyTorch": [3.0]} and row["ratio"] == 3.0 and row["met"] is True


def test_saving_into_a_page_without_markers_is_refused_and_writes_nothing(tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text("no table here\n")
    monkeypatch.setattr(report, "PAGE", page)
    monkeypatch.setattr(report, "RESULTS", tmp_path / "latest.json")
    with pytest.raises(SystemExit, match="lacks the lines"):
        report.save([], [], ABOUT)
    assert not (tmp_path / "latest.json").exists() and page.read_text() == "no table here\n"
