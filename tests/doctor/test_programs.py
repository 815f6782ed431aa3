"""Every broken program is found out, every sound one left in peace, and the page says so."""

from pathlib import Path

import pytest

from chainrule.diagnosis.checks import CHECKS
from chainrule.diagnosis.finding import TITLES
from tests.architecture.tree import ROOT
from tests.doctor.corpus import BESIDES, BROKEN, COMPLETE, MISSED, SOUND, code_of, codes, examine, seedless, table


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_the_mistake_is_found_and_no_other(path: Path) -> None:
    wanted = {code_of(path), *BESIDES.get(path.stem, "").split()}
    if path.stem in MISSED:
        wanted -= {code_of(path)}
    assert codes(path) == wanted


@pytest.mark.parametrize("path", SOUND, ids=lambda path: path.stem)
def test_a_sound_program_gets_no_finding(path: Path) -> None:
    assert [str(finding) for finding in examine(path)] == []


@pytest.mark.parametrize("path", COMPLETE, ids=lambda path: path.stem)
def test_a_complete_program_gets_no_finding(path: Path) -> None:
    assert [str(finding) for finding in examine(path) if not seedless(path, finding.code)] == []


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_finding_names_a_line_of_the_program_and_what_was_measured(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    for finding in examine(path):
        assert finding.line.file == str(path)
        assert 1 <= finding.line.number <= lines
        assert finding.evidence and finding.message and finding.fix


def test_there_are_enough_programs() -> None:
    assert len(BROKEN) >= 100 and len(SOUND) >= 100
    for code in TITLES:
        assert sum(code_of(path) == code for path in BROKEN) >= 3, code
    assert len(BROKEN) - len(MISSED) >= 0.95 * len(BROKEN)


def test_every_check_file_is_in_the_table() -> None:
    folder = ROOT / "src" / "chainrule" / "diagnosis" / "checks"
    helpers = {"__init__", "series"}
    assert {c.__module__.rpartition(".")[2] for c in CHECKS} == {p.stem for p in folder.glob("*.py")} - helpers


def test_the_page_shows_these_numbers() -> None:
    assert table() in (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
