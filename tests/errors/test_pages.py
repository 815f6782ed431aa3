"""Each page of the errors is about what it says: its wrong program raises that very error, its right one runs."""

import re

import pytest

from chainrule.base.errors import CODES, code_of
from chainrule.explanation.catalogue import index, nearest, pages
from tests.architecture.tree import ROOT
from tests.errors.programs import said_by

FOLDER = ROOT / "src" / "chainrule" / "explanation" / "pages"
each_page = pytest.mark.parametrize("page", pages().values(), ids=pages())


def test_every_code_has_a_page_and_every_page_a_code():
    assert {file.stem for file in FOLDER.glob("*.md")} == set(CODES)
    assert len(CODES) >= 20


@each_page
def test_the_wrong_program_raises_it(page, tmp_path):
    text = said_by(page.block("Wrong"), tmp_path, "")
    assert text.endswith(f"\n  ({page.code}: chainrule why {page.code})"), text or "it ran without an error"


@each_page
def test_the_right_program_runs(page, tmp_path):
    assert said_by(page.block("Right"), tmp_path, "") == ""


@each_page
def test_a_page_is_short_and_has_three_causes(page):
    assert len(page.text.splitlines()) <= 70
    assert re.findall(r"^(\d)\. ", page.text, re.MULTILINE) == ["1", "2", "3"]
    assert page.title and page.meaning.endswith(".")


@each_page
def test_its_own_message_finds_it(page, tmp_path):
    text = said_by(page.block("Wrong"), tmp_path, "")
    words = text.partition("\n  ")[0]
    assert code_of(words) == page.code
    assert nearest(f"RuntimeError: {words}") is page


def test_the_index_in_the_documentation_is_current():
    assert (ROOT / "docs" / "errors.md").read_text(encoding="utf-8") == index()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("e012", "E012"),
        ("Traceback …\nRuntimeError: Trying to backward through the graph a second time (or …", "E002"),
        ("shapes cannot be multiplied", "E008"),
        ("labels out of bounds classes", "E012"),
        ("float64 float32 numpy", "E010"),
    ],
)
def test_the_nearest_page(asked, code):
    assert nearest(asked).code == code


def test_no_page_is_better_than_a_wrong_one():
    assert nearest("E999") is None and nearest("qqqq zzzz") is None
