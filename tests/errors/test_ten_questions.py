"""docs/ten_questions.md shows what chainrule answers, word for word."""

import re
import runpy
import warnings

import pytest

import chainrule
from tests.architecture.tree import ROOT

PAGE = ROOT / "docs" / "ten_questions.md"
QUESTION = re.compile(r"```python\n(?P<program>.*?)```\n\n```text\n(?P<answer>.*?)\n```\n", re.DOTALL)


DOCTOR = "$ chainrule doctor train.py\n"


def answer(program, folder, asked):
    """What a program ends with: ``ShapeError: …``, or the warning that it gives; or what the doctor says, if it is asked."""
    file = folder / "train.py"
    file.write_text(program, encoding="utf-8")
    if asked:
        with chainrule.doctor(show=False) as found:
            runpy.run_path(str(file), run_name="__main__")
        return f"{DOCTOR}{found}"
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            runpy.run_path(str(file), run_name="__main__")
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    return f"{heard[-1].category.__name__}: {heard[-1].message}"


def questions():
    return list(QUESTION.finditer(PAGE.read_text(encoding="utf-8"))) if PAGE.exists() else []


@pytest.mark.parametrize("question", questions(), ids=lambda q: q["answer"][:40])
def test_the_answer_on_the_page_is_the_one_given(question, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = question["answer"].startswith(DOCTOR)
    assert answer(question["program"], tmp_path, asked) == question["answer"]


def test_every_program_has_its_answer():
    page = PAGE.read_text(encoding="utf-8")
    assert len(questions()) == page.count("```python") > page.count("\n## ") == 10
