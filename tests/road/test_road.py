"""The course does what it shows: its notebooks are made of their sources, run, and print the same under PyTorch."""

import sys
import warnings

import pytest

import chainrule
from chainrule.native.compiled import ready
from tests.programs_runner import as_torch, differences
from tests.road.course import SOURCES, cells_of, code, notebook, player, stored, tags, text_of

DIGITS = 5  # matrix products add in another order on another machine

each_lesson = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)


@pytest.fixture(autouse=True)
def nothing_stays_behind():
    """Of what a lesson sets for its whole process."""
    plots = pytest.importorskip("matplotlib.pyplot")
    yield
    plots.close("all")
    sys.modules.pop("chainrule.as_torch", None)  # the next one to import it is to find chainrule under torch again
    for library in (chainrule, sys.modules.get("torch")):
        if library:
            library.set_default_dtype(library.float32)


@each_lesson
def test_the_notebook_is_made_of_its_source(source):
    """`make road` makes it anew."""
    there, made = stored(source), notebook(source)
    assert [(c["source"], tags(c)) for c in there["cells"]] == [(c["source"], tags(c)) for c in made["cells"]]
    assert all(cell["execution_count"] == number for number, cell in enumerate(code(there), 1))


@each_lesson
def test_it_prints_what_it_shows_and_marks_its_exercises(source):
    """Under chainrule, every cell; each exercise first with its gap, then solved, then wrong."""
    if source.stem == "10_machine_code" and not ready():
        pytest.skip("machine code can't be made here")
    shown = iter(code(stored(source)))
    mark = {}
    with as_torch(chainrule), player(source) as cells:
        for cell in cells_of(source):
            if cell.kind != "code":
                continue
            ran = played(cells, cell.source)
            if {"solution", "wrong"} & set(cell.tags):
                marked(cell, text_of(played(cells, mark["source"])))
                continue
            there = next(shown)
            if "mark" in cell.tags:
                mark = there
                assert text_of(ran).startswith("open: ")
            if "machine" not in cell.tags:
                assert differences(text_of(there), text_of(ran), DIGITS) == []


def played(cells, source):
    cell = {"source": source, "outputs": [], "execution_count": None}
    cells.run(cell)
    return cell


def marked(cell, verdict):
    if "solution" in cell.tags:
        assert verdict.startswith("right: "), verdict
    else:
        assert verdict.startswith("not yet: ") and cell.says in " ".join(verdict.split()), verdict


@each_lesson
def test_pytorch_prints_the_same(source):
    """All cells that do not ask chainrule to explain something."""
    torch = pytest.importorskip("torch")
    asked = [cell for cell in code(stored(source)) if "explain" not in tags(cell)]
    with as_torch(torch), player(source) as cells, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for cell in asked:
            ran = played(cells, "".join(cell["source"]))
            assert differences(text_of(cell), text_of(ran), DIGITS) == []


@each_lesson
def test_each_lesson_has_exercises_with_solutions_and_a_typical_mistake(source):
    kinds = [tag for cell in cells_of(source) for tag in cell.tags if tag in ("exercise", "mark", "solution", "wrong")]
    assert 2 <= kinds.count("exercise") == kinds.count("mark") == kinds.count("solution") <= 4
    assert kinds.count("wrong") >= kinds.count("exercise")
