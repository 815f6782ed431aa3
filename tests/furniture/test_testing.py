"""assert_close passes and fails where PyTorch's does, with its words."""

import math

import pytest

import chainrule as cr

CASES = {
    "equal": lambda t: (t.ones(2), t.ones(2), {}),
    "apart": lambda t: (t.ones(2), t.ones(2) * 2, {}),
    "shape": lambda t: (t.ones(2), t.ones(3), {}),
    "dtype": lambda t: (t.ones(2), t.ones(2).double(), {}),
    "dtype let pass": lambda t: (t.ones(2), t.ones(2).double(), {"check_dtype": False}),
    "numbers": lambda t: (1.0, 1.1, {}),
    "lists": lambda t: ([1.0, 1.0], [1.0, 2.0], {}),
    "lengths": lambda t: ([1.0], [1.0, 2.0], {}),
    "dicts": lambda t: ({"a": t.ones(2)}, {"a": t.zeros(2)}, {}),
    "nested": lambda t: ({"a": [t.ones(2), 1]}, {"a": [t.ones(2), 2]}, {}),
    "keys": lambda t: ({"a": 1, "b": 2}, {"b": 2, "c": 3}, {}),
    "one tolerance": lambda t: (t.ones(2), t.ones(2), {"rtol": 1}),
    "both tolerances": lambda t: (t.ones(2), t.ones(2) + 1, {"rtol": 1, "atol": 1}),
    "within": lambda t: (t.ones(2), t.ones(2) + 1e-6, {}),
    "half": lambda t: (t.ones(2).half(), t.ones(2).half() * 1.01, {}),
    "bfloat16": lambda t: (t.ones(2).bfloat16(), t.ones(2).bfloat16() * 1.01, {}),
    "bfloat16 apart": lambda t: (t.ones(2).bfloat16(), t.ones(2).bfloat16() * 1.5, {}),
    "NaN": lambda t: (t.tensor([math.nan]), t.tensor([math.nan]), {}),
    "NaN let pass": lambda t: (t.tensor([math.nan]), t.tensor([math.nan]), {"equal_nan": True}),
    "infinity": lambda t: (t.tensor([math.inf]), t.tensor([math.inf]), {}),
    "whole numbers": lambda t: (t.tensor([1, 2]), t.tensor([1, 3]), {}),
    "bools": lambda t: (t.tensor([True, False]), t.tensor([False, False]), {}),
    "a single number": lambda t: (t.tensor(1.0), t.tensor(2.0), {}),
    "a matrix": lambda t: (t.tensor([[1.0, 2.0], [3.0, 4.0]]), t.tensor([[1.0, 2.5], [3.0, 4.0]]), {}),
    "complex": lambda t: (t.tensor([1 + 1j]), t.tensor([1 + 2j]), {}),
    "strides": lambda t: (t.ones(2, 3), t.ones(3, 2).T, {"check_stride": True}),
    "own words": lambda t: (t.ones(2), t.zeros(2), {"msg": "mine"}),
    "words around": lambda t: (t.ones(2), t.zeros(2), {"msg": lambda text: f"in layer 3: {text}"}),
    "None": lambda t: (None, None, {}),
    "texts": lambda t: ("a", "b", {}),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_assert_close(case):
    torch = pytest.importorskip("torch")

    def outcome(library):
        actual, expected, options = case(library)
        try:
            library.testing.assert_close(actual, expected, **options)
        except (AssertionError, ValueError, TypeError) as error:
            return type(error), str(error).partition("\n  why: ")[0]
        return None

    assert outcome(cr) == outcome(torch)
