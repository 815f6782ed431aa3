"""The timer counts runs, and its tables hold what was measured. No test here looks at how long anything takes."""

import itertools

import pytest

import chainrule as cr
from chainrule.utils import benchmark
from chainrule.utils.benchmark import Compare, Measurement, Timer


def clock(step=0.5):
    """A clock that goes on by a step whenever it is read."""
    return itertools.count(0, step).__next__


def test_timeit_counts():
    calls = []
    found = Timer("f()", globals={"f": lambda: calls.append(1)}, timer=clock()).timeit(10)
    assert (found.number_per_run, found.raw_times) == (10, [0.5])
    assert found.mean == found.median == found.times[0] == 0.05
    assert found.iqr == 0
    assert len(calls) == 12  # two that are not counted


def test_autorange():
    found = Timer(lambda: None, timer=clock(0.25)).blocked_autorange(min_run_time=1)
    assert found.raw_times == [0.25] * 4
    more = Timer(lambda: None, timer=clock(0.25)).adaptive_autorange(min_run_time=0.5)
    assert len(more.raw_times) >= 4
    with pytest.raises(NotImplementedError, match="use blocked_autorange"):
        Timer().repeat()


def test_the_number_of_threads_holds_while_it_measures():
    before, seen = cr.get_num_threads(), []
    Timer(lambda: seen.append(cr.get_num_threads()), num_threads=1, timer=clock()).timeit(1)
    assert set(seen) == {1}
    assert cr.get_num_threads() == before


def test_the_report():
    found = Measurement(100, [1e-4, 2e-4, 3e-4], stmt="x + 1", setup="x = 1", label="add", sub_label="small", description="ours")
    assert repr(found).splitlines()[1:] == [
        "add: small", "ours", "  Median: 2.00 us", "  IQR:    1.00 us", "  3 measurements, 100 runs per measurement, 1 thread"]  # fmt: skip
    assert Measurement(1, [2.0], stmt="x", setup="x = 1").title == "x\nsetup: x = 1"
    assert repr(Measurement(1, [2e-9], "x")).splitlines()[2] == "  2.00 ns"


def test_a_table_of_measurements(capsys):
    made = [
        Measurement(1, [t * 1e-6], label="add", sub_label=rows, description=who)
        for (rows, who), t in zip(itertools.product(("10", "1000"), ("ours", "theirs")), (1.0, 2.5, 30.0, 4.0))
    ]
    table = Compare(made[:2])
    table.extend_results(made[2:])
    table.print()
    assert capsys.readouterr().out.splitlines() == [
        "--------[ add ]---------",
        "      |  ours  |  theirs",
        "10    |   1.0  |     2.5",
        "1000  |  30.0  |     4.0",
        "1 threads: times are in microseconds.",
        "",
    ]
    table.colorize()
    assert "\x1b[92m   4.0\x1b[0m" in str(table)
    table.trim_significant_figures()
    assert "30.0" in str(table)


def test_wrong_arguments():
    with pytest.raises(ValueError, match="Timer measures Python statements, not c"):
        Timer(language="c")
    with pytest.raises(ValueError, match="num_threads must be at least 1, not 0"):
        Timer(num_threads=0)
    assert benchmark.unit_of(1e-12)[0] == "ns"
