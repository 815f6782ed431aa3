"""The results file: read as it was written, written whole or not at all."""

from dataclasses import replace

import pytest

from benchmarks import __main__ as program
from benchmarks import chart, page, results
from benchmarks.__main__ import arguments
from benchmarks.frameworks import Framework
from benchmarks.results import Cell
from tests.benchmarks.runs import RUN, STEP


def test_what_is_read_is_what_was_written():
    assert results.from_json(results.as_json(RUN)) == RUN


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "new" / "latest.json"
    results.write(path, "old")
    results.write(path, results.as_json(RUN))
    assert results.load(path) == RUN and list(path.parent.iterdir()) == [path]


def test_a_write_that_breaks_off_leaves_what_was_there(tmp_path):
    path = tmp_path / "latest.json"
    results.write(path, "old")
    with pytest.raises(UnicodeEncodeError):
        results.write(path, "new \ud800")
    assert path.read_text() == "old"


@pytest.mark.parametrize("part", [["--rows", "mlp"], ["--quick"], ["--frameworks", "eager"]])
def test_a_part_is_not_saved(part, capsys):
    with pytest.raises(SystemExit):
        arguments(["--save", *part])
    assert "--save writes the whole table" in capsys.readouterr().err


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """The files that --save writes, in a folder of their own; nothing is measured."""
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results" / "latest.json")
    monkeypatch.setattr(page, "PAGE", tmp_path / "benchmarks.md")
    monkeypatch.setattr(chart, "CHART", tmp_path / "images" / "benchmarks.svg")
    monkeypatch.setattr(program, "measured", lambda rows, frameworks, quick: RUN)
    page.PAGE.write_text(f"before\n{page.BEGIN}\nstale\n{page.END}\n")
    return tmp_path


def test_saving_writes_results_page_and_chart(elsewhere, capsys):
    assert program.main(["--save"]) == 0
    assert results.load(results.RESULTS) == RUN
    assert "**15.0 µs ±2 %**" in page.PAGE.read_text() and chart.CHART.read_text() == chart.svg(RUN)
    assert capsys.readouterr().out.count("wrote ") == 3


def test_where_the_page_has_no_place_for_tables_nothing_is_written(elsewhere):
    page.PAGE.write_text("no table here\n")
    with pytest.raises(SystemExit, match="lacks the lines"):
        program.main(["--save"])
    assert not results.RESULTS.exists() and not chart.CHART.exists() and page.PAGE.read_text() == "no table here\n"


def test_a_row_that_chainrule_fails_in_ends_the_run_with_an_error(elsewhere, monkeypatch):
    broken = replace(STEP, cells={"chainrule": Cell(failure="refused: the loss of step 1 is 2, PyTorch's is 1")})
    monkeypatch.setattr(program, "measured", lambda rows, frameworks, quick: replace(RUN, results=[broken]))
    assert program.main([]) == 1


def test_a_quick_look_leaves_out_what_is_slow_to_start_unless_it_is_named(monkeypatch):
    monkeypatch.setattr(Framework, "installed", lambda framework: True)
    keys = lambda argv: [f.key for f in program.chosen_frameworks(arguments(argv))]  # noqa: E731
    assert {"torch-compile", "tinygrad"} & set(keys(["--quick"])) == set()
    assert keys(["--quick", "--frameworks", "tinygrad,eager"]) == ["eager", "tinygrad"]
    assert len(keys([])) == 9
