"""Arguments are found by name, and names that functions read are replaced for a while."""

import functools

import numpy as np
import pytest

from chainrule.ladder.checking.calling import call, lookup
from chainrule.ladder.checking.names import places_read, replaced

w = 2.0
unrelated = 5.0


def scale(x):
    return w * x


def twice(x):
    return 2 * scale(x)


class Attribute:
    w = 7.0


def test_helpers_in_the_same_file_are_read_too():
    (place,) = [p for p in places_read([twice]) if p.name == "w"]
    with replaced({place: 10.0}):
        assert twice(1.0) == 20.0
    assert twice(1.0) == 4.0


def test_closures_are_read_and_restored():
    slope = 3.0

    def predict(x):
        return slope * x

    (place,) = places_read([predict])
    with pytest.raises(ZeroDivisionError), replaced({place: 4.0}):
        assert predict(1.0) == 4.0
        1 / 0  # noqa: B018
    assert predict(1.0) == 3.0


def test_attributes_flags_and_functions_are_no_numbers_read():
    flag = True

    def predict(x):
        return Attribute.w * x if flag else np.sin(x)

    assert places_read([predict]) == []


def test_partials_and_methods_are_looked_through():
    assert [p.name for p in places_read([functools.partial(scale)])] == ["w"]


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("y_hat", ["x", "y_pred"], "y_pred"),
        ("inputs", ["X", "y"], "X"),
        ("targets", ["x", "y_true"], "y_true"),
        ("W", ["w", "x"], "w"),
        ("x", ["x", "X"], "x"),
        ("z", ["x", "y"], None),
    ],
)
def test_lookup(name, known, found):
    assert lookup(name, dict.fromkeys(known)) == found


def test_defaults_and_positional_only():
    assert call(lambda x, factor=3: factor * x, {"x": 2}, "prediction") == 6

    def positional(x, /, y):
        return x - y

    assert call(positional, {"x": 5, "y": 2}, "loss") == 3


def test_what_tells_no_parameters():
    with pytest.raises(TypeError, match="does not say what parameters it takes"):
        call(max, {"x": 1}, "prediction")
