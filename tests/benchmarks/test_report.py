"""What the tables say about given samples: units, marks, ratios, targets, failures."""

from dataclasses import replace

import pytest

from benchmarks import page, report
from benchmarks.results import Cell, Result
from tests.benchmarks.runs import COST, RUN, STEP, TIE, around


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (11.3e-9, "s", "11.3 ns"),
        (14.2e-6, "s", "14.2 µs"),
        (3.456e-7, "s", "346 ns"),
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
    result = Result("r", "r", "s", {"chainrule": Cell((1.0, 1.0, 9.0)), "PyTorch": Cell((3.0, 3.0, 0.1))})
    assert result.ratio("chainrule", "PyTorch") == 3.0
    assert result.ratio("chainrule", "JAX jit") is None


def test_whoever_takes_least_has_won():
    assert STEP.winners() == {"JAX jit"}


def test_who_cannot_be_told_from_the_winner_has_won_too():
    assert TIE.winners() == {"chainrule", "PyTorch"}
    assert replace(TIE, cells={"chainrule": around(1.0, 0.1), "PyTorch": around(1.3, 0.1)}).winners() == {"chainrule"}


def test_nobody_wins_alone():
    assert Result("r", "r", "s", {"chainrule": Cell((1.0,)), "PyTorch": Cell(failure="no")}).winners() == set()


def test_a_target_is_met_missed_or_not_judged():
    def judged(ours, theirs, **kind):
        cells = {"chainrule": Cell((ours,))} | ({"PyTorch": Cell((theirs,))} if theirs else {})
        return report.met(Result("r", "r", "s", cells, **kind))

    assert judged(1.0, 2.0, target=2.0) is True
    assert judged(1.0, 1.9, target=2.0) is False
    assert judged(1.0, None, target=2.0) is None
    assert judged(1.0, 2.0) is None
    assert judged(0.059, None, most=0.060) is True
    assert judged(0.061, None, most=0.060) is False


def test_cells_hold_medians_spreads_and_the_mark_also_where_a_peer_wins():
    columns = ["chainrule", "chainrule compiled", "PyTorch", "JAX jit", "tinygrad"]
    assert report.cells(STEP, columns) == [
        "a step", "30.0 µs ±2 %", "", "90.0 µs ±2 %", "● 15.0 µs ±2 %", "failed: FileNotFoundError", "10 %",
    ]  # fmt: skip
    assert report.ratio_cells(STEP) == ["a step", "3.00×", "", "", "≥ 2×", "met"]


def test_one_sample_has_no_spread():
    assert report.cells(COST, ["chainrule"])[1] == "● 40.0 MB"


def test_a_disturbed_row_is_marked_and_explained():
    disturbed = replace(STEP, others=1.3)
    assert report.cells(disturbed, ["chainrule"])[0] == "a step *"
    assert "other processes used up to 1.3 CPUs" in report.notes(replace(RUN, results=[disturbed]))[-1]


def test_notes_say_what_failed_what_was_left_out_and_what_the_machine_can_do():
    assert report.notes(RUN) == [
        "a step: tinygrad: FileNotFoundError: no clang",
        "chainrule compiled, not compiled: reason: step",
        "the hardware's limits, measured in this run: 200 GFLOP/s on a core, 400 on all, 20.0 GB/s of copying, read and written",
    ]


def test_first_steps_are_a_table_of_their_own():
    assert RUN.columns() == ["chainrule", "PyTorch", "JAX jit", "tinygrad"]
    assert report.first_steps(RUN) == [["a step", "1.00 ms", "2.00 ms", "400 ms", ""]]


def test_the_terminal_shows_all_of_it(capsys):
    report.show(RUN)
    shown = capsys.readouterr().out
    assert "● 15.0 µs" in shown and "3.00×" in shown and "400 ms" in shown and "no clang" in shown


def test_the_page_has_the_tables_between_its_marks():
    text = page.with_tables(f"before\n{page.BEGIN}\nstale\n{page.END}\nafter\n", RUN)
    assert text.startswith("before\n") and text.endswith(f"{page.END}\nafter\n") and "stale" not in text
    assert "| a step | 30.0 µs ±2 % | 90.0 µs ±2 % | **15.0 µs ±2 %** | failed: FileNotFoundError | 10 % |" in text
    assert "| a <tie> \\| of two | **1.00 ms ±10 %** | **1.05 ms ±10 %** |  |  |  |" in text
    assert "| a step | 3.00× |  |  | ≥ 2× | met |" in text and "torch 2.13.0" in text


def test_a_page_without_the_marks_is_refused():
    with pytest.raises(SystemExit, match="lacks the lines"):
        page.with_tables("no table here\n", RUN)
