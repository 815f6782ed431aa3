"""Numerical slopes: right to many digits where there is one, and honest about kinks, noise and domains."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.ladder.checking.differences import is_single, noise_of, slope


@pytest.mark.parametrize(
    ("f", "true"),
    [
        (math.sin, 1.0),
        (lambda h: math.exp(3 * h), 3.0),
        (lambda h: (h - 1) ** 5, 5.0),
        (lambda h: math.tanh(20 * h), 20.0),
        (lambda h: 7.0, 0.0),
        (lambda h: math.log(0.01 + h) if h > -0.01 else float("nan"), 100.0),
    ],
)
def test_smooth_functions(f, true):
    found = slope(f)
    assert not found.kink
    assert abs(found.value - true) <= max(10 * found.error, 1e-12)
    assert found.error <= 1e-6 * max(1, abs(true))


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(-5, 5))
def test_cubics_are_exact_within_the_error(a, b, c):
    found = slope(lambda h: a * h + b * h**2 + c * h**3)
    assert abs(found.value - a) <= 10 * found.error + 1e-12


@given(st.floats(0.1, 5), st.floats(-5, 5))
def test_kinks_are_seen(bend, tilt):
    found = slope(lambda h: bend * abs(h) + tilt * h + h**2)
    assert found.kink
    assert found.left == pytest.approx(tilt - bend, abs=1e-4) and found.right == pytest.approx(tilt + bend, abs=1e-4)


def test_a_kink_close_by_is_none_here():
    found = slope(lambda h: abs(h - 0.003))
    assert not found.kink and found.value == pytest.approx(-1, abs=1e-9)


def test_float32_noise_is_measured_and_the_error_says_so():
    def rough(h):
        return float(np.float32(math.exp(h)))

    assert 1e-9 < noise_of(rough) < 1e-6
    found = slope(rough)
    assert abs(found.value - 1) <= 10 * found.error and 1e-8 < found.error < 1e-3


def test_single_precision_is_recognized():
    assert is_single(np.array([np.float32(0.1), np.float32(0.7)], dtype=np.float64))
    assert not is_single(np.array([0.1, 0.7]))
    assert not is_single(np.array([-30.0, 0.25]))  # exact in both
