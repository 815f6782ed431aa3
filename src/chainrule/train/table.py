"""Read a table (CSV, TSV, Parquet, JSON lines, or what Python already holds) into a polars frame.

Text files are read as text first and typed afterwards, column by column, so that one odd cell in a column of numbers
can be named instead of turning the column into text.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from chainrule.base.errors import did_you_mean, message
from chainrule.train.errors import DataError, listed, need

# Cells that mean "no value". Not `NaN`: that is a number that went wrong somewhere, and is reported.
MISSING = ("", "NA", "N/A", "n/a", "#N/A", "null", "NULL", "None", "?", "-", ".")

SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".jsonl", ".ndjson")

Frame = Any  # polars.DataFrame, which is imported on first use
Series = Any  # polars.Series


def bundled() -> Path:
    """The data set that ships with chainrule: 344 penguins (train/data/README.md names source and licence)."""
    return Path(str(resources.files("chainrule.train") / "data" / "penguins.csv"))


def as_table(data: object) -> Frame:
    """A polars frame from a path, a polars or pandas frame, a mapping of columns, or a list of row mappings.

    >>> as_table({"x": [1, 2], "y": ["a", None]}).shape
    (2, 2)
    """
    pl = need("polars", "reading a table")
    if isinstance(data, (str, os.PathLike)):
        return read_table(data)
    if isinstance(data, pl.DataFrame):
        frame = data
    elif isinstance(data, pl.LazyFrame):
        frame = data.collect()
    elif type(data).__module__.partition(".")[0] == "pandas" and hasattr(data, "columns"):
        frame = _from_pandas(data)
    elif isinstance(data, (Mapping, Sequence)) or hasattr(data, "__arrow_c_stream__"):
        frame = _from_python(data)
    else:
        raise DataError(
            message(
                f"no table can be made of {data!r:.60}, of type {type(data).__name__}",
                "known are a path, a polars or pandas frame, a dict of columns, a list of dicts, and a pair (X, y)",
                '{"size": [50, 80], "price": [100, 160]}',
            )
        )
    return _not_empty(frame, "the table")


def read_table(path: str | os.PathLike[str]) -> Frame:
    """Read CSV, TSV, Parquet or JSON lines, by the file's suffix.

    Raises:
        DataError: the file is missing, empty, of no known kind, or not what its suffix says.
    """
    pl = need("polars", "reading a table")
    file = Path(path)
    _check_readable(file)
    suffix = file.suffix.lower()
    try:
        if suffix == ".parquet":
            frame = pl.read_parquet(file)
        elif suffix in (".jsonl", ".ndjson"):
            frame = pl.read_ndjson(file, infer_schema_length=None)
        else:
            frame = _read_text(file, "\t" if suffix == ".tsv" else None)
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).strip().partition("\n")[0]
        kind = {".parquet": "Parquet", ".jsonl": "JSON lines", ".ndjson": "JSON lines"}.get(suffix, "CSV")
        raise DataError(message(f"{file} cannot be read as {kind}", reason)) from error
    return _not_empty(frame, str(file))


def write_table(frame: Frame, path: str | os.PathLike[str]) -> None:
    """Write a frame as CSV, TSV, Parquet or JSON lines, by the file's suffix, in one step."""
    from chainrule.formats.atomic import write_atomically

    content = io.BytesIO()
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise DataError(message(f"{path}: no table format has the suffix {suffix!r}", f"known are {listed(SUFFIXES)}"))
    if suffix == ".parquet":
        frame.write_parquet(content)
    elif suffix in (".jsonl", ".ndjson"):
        frame.write_ndjson(content)
    else:
        frame.write_csv(content, separator="\t" if suffix == ".tsv" else ",")
    write_atomically(path, content.getvalue())


def typed(column: Series, decimal_comma: bool = False) -> Series:
    """A text column as what its cells spell: whole numbers, numbers, booleans, dates; otherwise it stays text.

    >>> import polars
    >>> typed(polars.Series("x", [" 1", "2.5", "NA"])).to_list()
    [1.0, 2.5, None]
    """
    import polars as pl

    text = column.str.strip_chars()
    text = text.set(text.is_in(list(MISSING)), None)
    numeric = text.str.replace(r"^([+-]?\d*),(\d+)$", "$1.$2") if decimal_comma else text
    parsers = (
        lambda: numeric.cast(pl.Int64, strict=False),
        lambda: numeric.cast(pl.Float64, strict=False),
        lambda: text.str.to_lowercase().replace_strict({"true": True, "false": False}, default=None),
        lambda: text.str.to_date("%Y-%m-%d", strict=False),
        lambda: text.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False),
        lambda: text.str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False),
    )
    for parse in parsers:
        parsed = parse()
        if parsed.null_count() == text.null_count():
            return parsed
    return text


def _check_readable(file: Path) -> None:
    if not file.exists():
        folder = file.parent
        others = [entry.name for entry in folder.iterdir() if entry.is_file()] if folder.is_dir() else []
        where = f"looked in {folder.absolute()}" if folder.is_dir() else f"the folder {folder} does not exist either"
        near = did_you_mean(file.name, others)
        raise DataError(message(f"no such file: {file}{near and '.' + near}", where))
    if file.is_dir():
        tables = sorted(entry.name for entry in file.iterdir() if entry.suffix.lower() in SUFFIXES)
        why = f"the tables in it are {listed(tables)}" if tables else "there is no table in it"
        raise DataError(message(f"{file} is a folder, not a table", why, f"{file / tables[0]}" if tables else ""))
    if file.suffix.lower() not in SUFFIXES:
        raise DataError(
            message(
                f"{file}: no table format has the suffix {file.suffix!r}",
                f"known are {listed(SUFFIXES)}",
                f"{file.with_suffix('.csv')}",
            )
        )
    if file.stat().st_size == 0:
        raise DataError(message(f"{file} is empty", "it holds 0 bytes", "a line of column names, then a line per row"))


def _read_text(file: Path, separator: str | None) -> Frame:
    """A CSV dialect: the separator is the most frequent one in the header unless the suffix says it."""
    import polars as pl

    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise DataError(
            message(
                f"{file} is not UTF-8 text: byte {error.object[error.start]:#04x} in line {line}",
                "it may be in another encoding, such as Latin-1, or no text at all",
                f"iconv -f latin1 -t utf-8 {file}",
            )
        ) from error
    first = text.lstrip().partition("\n")[0]
    if separator is None:
        separator = max(",;\t|", key=first.count)
    _check_header(file, first, separator)
    try:
        frame = pl.read_csv(io.BytesIO(text.encode()), separator=separator, infer_schema=False)
    except pl.exceptions.ComputeError as error:
        _check_widths(file, text, separator)
        raise error
    return frame.select([typed(column, decimal_comma=separator == ";") for column in frame])


def _check_header(file: Path, first: str, separator: str) -> None:
    names = next(csv.reader([first], delimiter=separator), [])
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise DataError(
            message(
                f"{file} has more than one column named {doubled[0]!r}",
                "a column is chosen by its name",
                "a different name for each column, in the first line",
            )
        )


def _check_widths(file: Path, text: str, separator: str) -> None:
    rows = csv.reader(io.StringIO(text), delimiter=separator)
    width = len(next(rows, []))
    for row in rows:
        if len(row) > width:
            raise DataError(
                message(
                    f"{file}: line {rows.line_num} has {len(row)} fields, the header names {width}",
                    f"fields are separated by {separator!r}",
                    'quotes around a field that holds a separator: "Smith, Anna"',
                )
            )


def _from_pandas(data: Any) -> Frame:
    """By way of Python values: a pandas NaN means "missing", which only pandas itself can tell for every dtype."""
    import polars as pl

    plain = data.astype(object).where(data.notna(), None)
    return pl.DataFrame({str(name): plain[name].tolist() for name in plain.columns}, strict=False)


def _from_python(data: Any) -> Frame:
    import polars as pl

    try:
        return pl.DataFrame(data, strict=False)
    except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0]
        if isinstance(data, Mapping):
            lengths = {str(name): len(values) for name, values in data.items() if hasattr(values, "__len__")}
            if len(set(lengths.values())) > 1:
                reason = "its columns have different lengths: " + ", ".join(f"{k} {v}" for k, v in lengths.items())
        raise DataError(message("the data cannot be made a table", reason)) from error


def _not_empty(frame: Frame, name: str) -> Frame:
    if frame.width == 0 or frame.height == 0:
        raise DataError(
            message(
                f"{name} is empty: {frame.height} rows, {frame.width} columns",
                "a model learns from rows",
                "a line of column names, then a line per row",
            )
        )
    return frame
