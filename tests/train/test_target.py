"""The task that a target's values suggest, its encoding, and the split."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.train.errors import DataError, SettingError
from chainrule.train.prepare import split
from chainrule.train.target import REGRESSION, SEVERAL_CLASSES, TWO_CLASSES, Target, infer_target, scaled


def text(*cells):
    return np.array(cells, dtype=object)


@pytest.mark.parametrize(
    ("values", "task", "classes"),
    [
        (np.array([1.5, 2.5, 1.5]), REGRESSION, ()),
        (np.array([2, 4, 6, 8]), REGRESSION, ()),
        (np.array([1.0, 0.0, 0.0, 1.0]), TWO_CLASSES, (0.0, 1.0)),
        (np.array([0, 1, 2] * 20), SEVERAL_CLASSES, (0, 1, 2)),
        (np.array([0.5, 1.5, 2.5] * 20), REGRESSION, ()),
        (np.array([True, False, True]), TWO_CLASSES, (False, True)),
        (text("no", "yes", "no"), TWO_CLASSES, ("no", "yes")),
        (text("b", "a", "c"), SEVERAL_CLASSES, ("a", "b", "c")),
    ],
)
def test_task_by_values(values, task, classes):
    found = infer_target("y", values)
    assert (found.task, found.classes) == (task, classes)


def test_task_as_asked():
    assert infer_target("y", np.array([0, 1, 0]), "regression").task == REGRESSION
    assert infer_target("y", np.array([1.5, 2.5, 1.5]), "classification").task == TWO_CLASSES


def test_encoding_and_back():
    number = scaled(infer_target("y", np.array([2.0, 4.0, 9.0])), np.array([2.0, 4.0]), scale=True)
    assert (number.mean, number.std) == (3.0, 1.0)
    assert number.encode(np.array([2.0, 9.0])).tolist() == [[-1.0], [6.0]]
    assert number.predictions(np.array([[-1.0], [6.0]])).tolist() == [2.0, 9.0]

    two = infer_target("y", text("no", "yes"))
    assert two.encode(text("yes", "no")).tolist() == [[1.0], [0.0]]
    assert two.predictions(np.array([[3.0], [-3.0]])).tolist() == ["yes", "no"]

    several = infer_target("y", text("a", "b", "c"))
    assert several.encode(text("c", "a")).tolist() == [2, 0]
    assert several.predictions(np.array([[0.0, 5.0, 1.0]])).tolist() == ["b"]


@pytest.mark.parametrize("task", [TWO_CLASSES, SEVERAL_CLASSES])
def test_probabilities_do_not_overflow(task):
    classes = ("a", "b") if task == TWO_CLASSES else ("a", "b", "c")
    target = Target("y", task, classes)
    p = target.probabilities(np.array([[1e4] * target.outputs, [-1e4] * target.outputs]))
    assert p.shape == (2, len(classes))
    np.testing.assert_allclose(p.sum(axis=1), 1)


def error_of(*args, kind=DataError):
    with pytest.raises(kind) as caught:
        infer_target(*args)
    return str(caught.value)


def test_a_constant_target():
    assert error_of("y", np.array([7, 7, 7])) == (
        "the target 'y' is constant: 7 in 3 of 3 rows (1 class)\n"
        "  why: every model that answers it is right, and there is nothing to learn\n"
        "  instead: a target that takes at least two values"
    )


def test_text_where_a_number_is_asked_for():
    assert error_of("y", text("a", "b"), "regression") == (
        "the target 'y' holds text where numbers are needed: 'a' in row 1\n  why: a regression predicts a number\n"
        "  instead: task='classification' (--task classification), or a column of numbers"
    )


def test_nan_in_an_array():
    assert error_of("y", np.array([1.0, np.nan])).startswith("column 'y' holds NaN in row 2\n")


def test_an_unknown_task():
    assert error_of("y", np.array([1.0, 2.0]), "regresion", kind=SettingError) == (
        "unknown task 'regresion'\n  why: known are 'regression' and 'classification'"
    )


@given(rows=st.integers(2, 200), share=st.floats(0.01, 0.9), seed=st.integers(0, 2**32 - 1))
def test_split_of_numbers(rows, share, seed):
    training, held_out = split(np.arange(rows), Target("y", REGRESSION), share, seed)
    assert sorted([*training, *held_out]) == list(range(rows))
    assert len(training) >= 1 and len(held_out) >= 1
    assert abs(len(held_out) - share * rows) <= 1


@given(labels=st.lists(st.sampled_from("abc"), min_size=4, max_size=100), share=st.floats(0.05, 0.9))
def test_split_of_classes_leaves_each_class_something_to_learn_from(labels, share):
    values = text(*labels)
    target = Target("y", SEVERAL_CLASSES, tuple(sorted(set(labels))))
    training, held_out = split(values, target, share, 0)
    assert sorted([*training, *held_out]) == list(range(len(labels)))
    assert set(values[training]) == set(labels)
    for label in target.classes:
        count = labels.count(label)
        if count * share >= 1:
            assert abs((values[held_out] == label).sum() - share * count) <= 1


def test_split_is_the_seeds():
    one, two, three = (split(np.arange(50), Target("y", REGRESSION), 0.2, seed)[1].tolist() for seed in (1, 1, 2))
    assert one == two != three


def test_one_row_cannot_be_split():
    with pytest.raises(SettingError) as caught:
        split(np.array([1.0]), Target("y", REGRESSION), 0.2, 0)
    assert (
        str(caught.value)
        == "1 row cannot be split in two\n  why: one is held out\n  instead: test_size=0 (--test-size 0)"
    )
