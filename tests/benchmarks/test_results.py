"""The results file: read as it was written, written whole or not at all."""

import pytest

from benchmarks import results
from benchmarks.__main__ import arguments
from tests.benchmarks.runs import RUN


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
