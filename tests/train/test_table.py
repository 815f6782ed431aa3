"""Reading tables: every format and dialect gives the same frame, and what is no table is said to be none."""

import datetime

import polars as pl
import pytest

from chainrule.train.errors import DataError
from chainrule.train.table import as_table, bundled, read_table, typed, write_table

FRAME = pl.DataFrame({"size": [50, None, 80], "price": [1.5, 2.0, -3.25], "city": ["Ulm", "Bonn", None]})


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet", ".jsonl", ".ndjson", ".txt"])
def test_what_is_written_is_read(tmp_path, suffix):
    write_table(FRAME, tmp_path / f"t{suffix}")
    assert read_table(tmp_path / f"t{suffix}").equals(FRAME)


@pytest.mark.parametrize(
    "text",
    [
        "size,price,city\n50,1.5,Ulm\n,2.0,Bonn\n80,-3.25,\n",
        "size;price;city\n50;1,5;Ulm\n;2,0;Bonn\n80;-3,25;\n",
        "size|price|city\r\n50|1.5|Ulm\r\n|2.0|Bonn\r\n80|-3.25|\r\n",
        "\ufeffsize,price,city\n 50, 1.5,Ulm \nNA,2.0,Bonn\n80,-3.25,n/a\n",
        '\nsize,price,city\n"50","1.5","Ulm"\n?,2.0,Bonn\n80,-3.25\n',
    ],
    ids=["comma", "semicolon and decimal comma", "bar and CRLF", "BOM, spaces, NA", "quotes, ?, a short row"],
)
def test_dialects(tmp_path, text):
    (tmp_path / "t.csv").write_bytes(text.encode())
    assert read_table(tmp_path / "t.csv").equals(FRAME)


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "2", "-"], [1, 2, None]),
        (["1", "2.5e3"], [1.0, 2500.0]),
        (["true", "FALSE", ""], [True, False, None]),
        (["2024-02-29", "NA"], [datetime.date(2024, 2, 29), None]),
        (["2024-02-29 10:30:00"], [datetime.datetime(2024, 2, 29, 10, 30)]),
        (["2024-02-29T10:30:00"], [datetime.datetime(2024, 2, 29, 10, 30)]),
        (["1", "two"], ["1", "two"]),
        (["", "?"], [None, None]),
    ],
)
def test_typed(cells, values):
    assert typed(pl.Series("x", cells)).to_list() == values


def test_pythons_own_tables():
    pandas = pytest.importorskip("pandas")
    as_dict = FRAME.to_dict(as_series=False)
    frames = [as_dict, FRAME.to_dicts(), FRAME, FRAME.lazy(), pandas.DataFrame(as_dict)]
    for frame in frames:
        assert as_table(frame).to_dict(as_series=False) == as_dict, type(frame)


def test_bundled_data_is_what_its_readme_says():
    frame = read_table(bundled())
    assert frame.shape == (344, 8)
    assert {name: missing for name, missing in frame.null_count().row(0, named=True).items() if missing} == {
        "bill_length_mm": 2,
        "bill_depth_mm": 2,
        "flipper_length_mm": 2,
        "body_mass_g": 2,
        "sex": 11,
    }
    assert bundled().stat().st_size < 100_000
    readme = bundled().with_name("README.md").read_text(encoding="utf-8")
    for named in ("Gorman KB, Williams TD, Fraser WR (2014)", "CC0 1.0", *frame.columns):
        assert named in readme


def error_of(read, *args):
    with pytest.raises(DataError) as caught:
        read(*args)
    return str(caught.value)


def test_a_missing_file(tmp_path):
    (tmp_path / "houses.csv").write_text("a\n1\n")
    path = tmp_path / "house.csv"
    assert (
        error_of(read_table, path) == f"no such file: {path}. Did you mean 'houses.csv'?\n  why: looked in {tmp_path}"
    )
    path = tmp_path / "nowhere" / "q.csv"
    assert error_of(read_table, path) == f"no such file: {path}\n  why: the folder {path.parent} does not exist either"


def test_a_folder(tmp_path):
    (tmp_path / "a.csv").write_text("a\n1\n")
    assert error_of(read_table, tmp_path) == (
        f"{tmp_path} is a folder, not a table\n  why: the tables in it are a.csv\n  instead: {tmp_path / 'a.csv'}"
    )


def test_an_unknown_format(tmp_path):
    (tmp_path / "t.xlsx").write_text("x")
    assert error_of(read_table, tmp_path / "t.xlsx") == (
        f"{tmp_path}/t.xlsx: no table format has the suffix '.xlsx'\n"
        f"  why: known are .csv, .tsv, .txt, .parquet, .jsonl, .ndjson\n  instead: {tmp_path}/t.csv"
    )
    assert error_of(write_table, FRAME, tmp_path / "t.xls").startswith(f"{tmp_path}/t.xls: no table format")


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("t.csv", b"", "is empty\n  why: it holds 0 bytes"),
        ("t.csv", b"a,b\n", "is empty: 0 rows, 2 columns\n  why: a model learns from rows"),
        ("t.csv", b"a,b\n1,2\n3,4,5\n", "line 3 has 3 fields, the header names 2\n  why: fields are separated by ','"),
        ("t.csv", b"a,b,a\n1,2,3\n", "has more than one column named 'a'\n  why: a column is chosen by its name"),
        ("t.csv", b"a,b\n1,caf\xe9\n", "is not UTF-8 text: byte 0xe9 in line 2\n  why: it may be in another encoding"),
        ("t.parquet", b"a,b\n1,2\n", "cannot be read as Parquet\n  why: "),
        ("t.jsonl", b'{"a": 1\n', "cannot be read as JSON lines\n  why: "),
    ],
)
def test_what_is_no_table(tmp_path, name, content, what):
    (tmp_path / name).write_bytes(content)
    text = error_of(read_table, tmp_path / name)
    assert text.startswith(f"{tmp_path / name}")
    assert what in text


def test_what_python_holds_and_is_no_table():
    assert error_of(as_table, 5) == (
        "no table can be made of 5, of type int\n"
        "  why: known are a path, a polars or pandas frame, a dict of columns, a list of dicts, and a pair (X, y)\n"
        '  instead: {"size": [50, 80], "price": [100, 160]}'
    )
    assert error_of(as_table, {"x": [1, 2], "y": [3]}) == (
        "the data cannot be made a table\n  why: its columns have different lengths: x 2, y 1"
    )
    assert error_of(as_table, {"x": []}).startswith("the table is empty: 0 rows, 1 columns")


def test_a_missing_library(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(ModuleNotFoundError) as caught:
        as_table({"x": [1]})
    assert str(caught.value) == (
        "reading a table: this needs the package polars\n"
        '  why: it is not installed\n  instead: pip install "chainrule[train]"'
    )
