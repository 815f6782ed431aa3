"""Kinds of columns, what is left out and why, and the numbers that the rest becomes."""

import datetime
import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.train.errors import DataError
from chainrule.train.schema import Schema, infer_kinds


def learn(columns, target="y", scale=True, **options):
    frame = pl.DataFrame({**columns, target: range(len(next(iter(columns.values()))))}, strict=False)
    return infer_kinds(frame, target, **options).learn(frame, scale), frame


def test_kinds():
    schema, _ = learn(
        {
            "n": [1.5, 2.0, 4.0, None],
            "whole": [3, 1, 4, 1],
            "city": ["Ulm", "Bonn", "Ulm", None],
            "open": [True, False, None, True],
            "day": pl.Series(["2024-01-01", "2024-01-03", "2024-01-02", "2024-01-09"]).str.to_date(),
            "spelled": ["1", "2.5", "3", "NA"],
        }
    )
    assert {column.name: column.kind for column in schema.columns} == {
        "n": "number",
        "whole": "number",
        "city": "category",
        "open": "boolean",
        "day": "date",
        "spelled": "number",
    }


def test_times_are_numbers_of_days():
    start = datetime.datetime(1970, 1, 3)
    times = pl.Series([start, start + datetime.timedelta(hours=6)])
    columns = {
        "at": times,
        "zoned": times.dt.replace_time_zone("UTC"),
        "clock": times.dt.time(),
        "took": [datetime.timedelta(days=2), datetime.timedelta(hours=12)],
    }
    schema, frame = learn({**columns, "day": [start.date(), datetime.date(1970, 1, 1)]}, scale=False)
    assert schema.encode(frame).tolist() == [[2, 2, 0, 2, 2], [2.25, 2.25, 0.25, 0.5, 0]]


def test_numbers_are_standardised_and_missing_ones_are_the_median():
    schema, frame = learn({"n": [1.0, 2.0, 6.0] * 10 + [None]})
    z = schema.encode(frame)
    assert z.dtype == np.float32
    assert abs(z.mean()) < 1e-6 and abs(z.std() - 1) < 1e-6
    assert z[-1] == z[1]
    assert schema.features == ["n"]  # 1 of 31 missing is not often


def test_often_missing_is_a_feature():
    schema, frame = learn({"n": [1.0, None, 3.0], "c": ["u", "v", None]}, scale=False)
    assert schema.features == ["n", "n is missing", "c = u", "c = v", "c is missing"]
    assert schema.encode(frame).tolist() == [[1, 0, 1, 0, 0], [2, 1, 0, 1, 0], [3, 0, 0, 0, 1]]


def test_unseen_category_is_none_of_the_categories():
    schema, _ = learn({"c": ["u", "v"] * 15})
    new = pl.DataFrame({"c": ["v", "w", None]})
    assert schema.encode(new).tolist() == [[0, 1], [0, 0], [0, 0]]
    assert schema.notes(new) == ["c: 'w' not among the 2 categories seen in training (1 row): read as none of them"]


def test_category_option_reads_numbers_as_categories():
    schema, frame = learn({"zip": [89073, 53111, 89073]}, category=["zip"])
    assert schema.features == ["zip = 53111", "zip = 89073"]
    assert schema.encode(frame.with_columns(pl.col("zip").cast(pl.Float64))).tolist() == [[0, 1], [1, 0], [0, 1]]


def test_only_the_most_frequent_categories_are_features():
    schema, _ = learn({"c": [f"c{i}" for i in range(60)] * 3 + ["c59"]})
    assert len(schema.features) == 50
    assert "c = c59" in schema.features


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ({"void": [None] * 30}, "all its values are missing"),
        ({"same": [7] * 30}, "it holds one value only, 7"),
        ({"pair": [[1, 2]] * 30}, "its values are nested (List(Int64))"),
        ({"customer_id": range(30)}, "an identifier: 30 different values in 30 rows"),
        ({"": range(30)}, "an identifier: 30 different values in 30 rows"),
        ({"name": [f"n{i}" for i in range(30)]}, "an identifier or free text: 30 different values in 30 rows"),
    ],
)
def test_useless_columns_are_dropped_with_the_reason(column, reason):
    schema, _ = learn({"n": range(30), **column})
    assert schema.dropped == {next(iter(column)): reason}
    assert schema.features == ["n"]


def test_a_counter_of_another_name_is_a_number():
    schema, _ = learn({"year": range(1990, 2020)})
    assert schema.features == ["year"]


def test_json_round_trip():
    schema, frame = learn({"n": [1.0, None, 3.0], "c": ["u", "v", None], "void": [None] * 3})
    again = Schema.from_json(json.loads(json.dumps(schema.to_json())))
    assert again == schema
    assert np.array_equal(again.encode(frame), schema.encode(frame))


cells = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6), st.integers(-1000, 1000)), min_size=2, max_size=20)


@given(cells=cells, words=st.lists(st.sampled_from(["a", "b", "ü", None]), min_size=20, max_size=20))
def test_encoded_rows_are_finite_and_as_wide_as_their_names(cells, words):
    columns = {"n": pl.Series(cells, dtype=pl.Float64, strict=False), "c": words[: len(cells)]}
    try:
        schema, frame = learn(columns)
    except DataError as error:
        assert str(error).startswith(("no column is left", "all values are missing"))
        return
    encoded = schema.encode(frame)
    assert encoded.shape == (len(cells), len(schema.features))
    assert np.isfinite(encoded).all()


def error_of(columns, **options):
    with pytest.raises(DataError) as caught:
        learn(columns, **options)
    return str(caught.value)


def test_text_where_numbers_are_needed():
    assert error_of({"price": ["12", "13", "14 EUR", "15", "unknown"]}) == (
        "column 'price' holds text where numbers are needed: '14 EUR' in row 3, 'unknown' in row 5\n"
        "  why: 3 of its 5 cells are numbers\n"
        "  instead: numbers or empty cells; or category=['price'] (--category price), drop=['price'] (--drop price)"
    )


@pytest.mark.parametrize(("value", "spelled"), [(np.nan, "NaN"), (np.inf, "infinity"), (-np.inf, "-infinity")])
def test_nan_and_infinity(value, spelled):
    assert error_of({"price": [12.0, value, 14.0, None, value]}) == (
        f"column 'price' holds {spelled} in row 2 (NaN or infinity in 2 of 5 rows)\n"
        "  why: one such number makes every weight NaN in one step\n"
        "  instead: an empty cell (None in Python) where the value is not known"
    )


def test_all_values_missing():
    assert error_of({"a": [None] * 3, "b": [None] * 3}) == (
        "all values are missing in every column beside the target 'y': a, b\n"
        "  why: a model learns from numbers and categories\n  instead: a table with values in it"
    )


def test_nothing_left():
    assert error_of({"id": range(30)}) == (
        "no column is left to learn 'y' from\n  why: id: an identifier: 30 different values in 30 rows\n"
        "  instead: category=['id'] (--category id) to keep it"
    )


def test_options_that_name_no_column():
    assert error_of({"price": [1, 2]}, drop=["prize"]) == (
        "'prize' is not a column of the table. Did you mean 'price'?\n  why: its 2 columns are price, y"
    )


def test_new_rows_are_held_to_the_schema():
    schema, _ = learn({"price": [1.0, 2.0]})
    for columns, text in (
        ({"prise": [1.0]}, "the feature 'price' is not a column of the table. Did you mean 'prise'?"),
        ({"price": ["cheap"]}, "column 'price' holds text where numbers are needed: 'cheap' in row 1"),
        ({"price": [np.inf]}, "column 'price' holds infinity in row 1"),
    ):
        with pytest.raises(DataError) as caught:
            schema.encode(pl.DataFrame(columns))
        assert str(caught.value).startswith(text)
