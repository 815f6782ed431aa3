"""The chart of given results: a mark for each cell with samples, further right the faster it is."""

from xml.etree import ElementTree

import pytest

from benchmarks import chart, page, results
from benchmarks.rows import ROWS
from tests.benchmarks.runs import RUN

NS = "{http://www.w3.org/2000/svg}"


def marks(image):
    """What a mark says of itself → its x."""
    found = {}
    for shape in [*image.iter(f"{NS}circle"), *image.iter(f"{NS}rect")]:
        if (title := shape.find(f"{NS}title")) is not None:
            x = float(shape.get("cx") or 4 + float(shape.get("x")))
            found[title.text] = x
    return found


@pytest.fixture(scope="module")
def image():
    return ElementTree.fromstring(chart.svg(RUN))


def test_every_cell_with_samples_has_a_mark_and_no_other(image):
    assert set(marks(image)) == {
        "chainrule: 30.0 µs", "PyTorch: 90.0 µs", "JAX jit: 15.0 µs",
        "chainrule: 1.00 ms", "PyTorch: 1.05 ms", "chainrule: 40.0 MB", "PyTorch: 314 MB",
    }  # fmt: skip


def test_faster_is_further_right_in_proportion_to_the_logarithm(image):
    at = marks(image)
    pytorch, ours, jax = at["PyTorch: 90.0 µs"], at["chainrule: 30.0 µs"], at["JAX jit: 15.0 µs"]
    assert pytorch < ours < jax
    assert (jax - ours) / (ours - pytorch) == pytest.approx(0.6309, rel=0.01)  # log 2 / log 3


def test_marks_and_words_stay_inside(image):
    width, height = float(image.get("width")), float(image.get("height"))
    assert all(chart.LABELS <= x <= width for x in marks(image).values())
    assert all(0 < float(text.get("y")) < height for text in image.iter(f"{NS}text"))


def test_titles_are_escaped_and_the_scale_is_said_in_words(image):
    words = [text.text for text in image.iter(f"{NS}text")]
    assert "a <tie> | of two · 1.05 ms" in words and "PyTorch" in words and "5× faster" in words


def test_page_and_chart_are_what_the_results_file_says():
    """Written with `python -m benchmarks --render`, never by hand."""
    run = results.load()
    assert chart.CHART.read_text(encoding="utf-8") == chart.svg(run)
    text = page.PAGE.read_text(encoding="utf-8")
    assert page.with_tables(text, run) == text


def test_the_titles_of_all_rows_have_room():
    """About 6.5 pixels a letter; besides the title there is an amount, and a gap."""
    longest = max(len(row.title) for row in ROWS)
    assert 6.5 * (longest + len(" · 1,000 ms")) + 10 < chart.LABELS
