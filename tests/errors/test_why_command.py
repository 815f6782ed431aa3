"""``chainrule why``: by code, by text, the list, the index."""

import pytest
from click.testing import CliRunner

from chainrule.cli.why import why
from chainrule.explanation.catalogue import index, pages


def run(*args):
    result = CliRunner().invoke(why, list(args))
    return result.exit_code, result.output


@pytest.mark.parametrize("asked", ["E012", "e012", "IndexError: Target 7 is out of bounds."])
def test_a_page(asked):
    assert run(asked) == (0, pages()["E012"].text)


def test_words_need_no_quotes():
    assert run("index", "out", "of", "range", "in", "self") == (0, pages()["E013"].text)


def test_without_arguments_all_are_listed():
    status, text = run()
    assert status == 0
    assert all(code in text for code in pages())


def test_the_index():
    assert run("--index") == (0, index())


def test_what_no_page_is_about():
    status, text = run("E999")
    assert status == 1
    assert "no page is about 'E999'" in text and "chainrule why, for a list of all" in text
