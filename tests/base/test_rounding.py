"""`a · b + c` rounded once, against exact fractions."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from chainrule.base.rounding import by_libm, fma32, fma64, two_product, two_sum


def rounded_to_single(exact: Fraction) -> np.float32:
    """The float32 next to a fraction, ties to the even one; a float64 between would round twice."""
    near = np.float32(float(exact))
    around = [np.nextafter(near, np.float32(-np.inf)), near, np.nextafter(near, np.float32(np.inf))]
    return min(around, key=lambda f: (abs(Fraction(float(f)) - exact), int(f.view(np.int32)) & 1))


single = st.floats(-1e6, 1e6, width=32, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-12)
double = st.floats(-1e9, 1e9, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-30)


@given(arrays(np.float32, 4, elements=single), single, single)
def test_fma32_rounds_once(a, b, c):
    b, c = np.float32(b), np.float32(c)
    exact = [Fraction(float(x)) * Fraction(float(b)) + Fraction(float(c)) for x in a]
    assert fma32(a, b, c).tolist() == [float(rounded_to_single(x)) for x in exact]


@given(st.lists(st.integers(0, 2**24 - 1), min_size=4, max_size=4), single, single)
def test_fma32_of_uniform_numbers(numerators, b, c):
    """The shorter way for multiples of 2⁻²⁴ below 1 gives the same."""
    a, b, c = np.array(numerators, np.float32) * np.float32(2.0**-24), np.float32(b), np.float32(c)
    np.testing.assert_array_equal(fma32(a, b, c, unit=True), fma32(a, b, c))


@given(arrays(np.float64, 4, elements=double), double, double)
def test_fma64_rounds_once(a, b, c):
    exact = [Fraction(x) * Fraction(b) + Fraction(c) for x in a.tolist()]
    assert fma64(a, b, c).tolist() == [float(x) for x in exact]  # a Fraction becomes the nearest float


@pytest.mark.parametrize("case", range(8))
def test_fma64_where_cancellation_leaves_little(case):
    random = np.random.default_rng(case)
    a, b = random.random(200), float(random.random())
    for c in (-b, -b * float(a[0]), float(np.nextafter(-b * a[1], 1))):
        exact = [Fraction(x) * Fraction(b) + Fraction(c) for x in a.tolist()]
        assert fma64(a, b, c).tolist() == [float(x) for x in exact]


@given(arrays(np.float64, 3, elements=double), double)
def test_sums_and_products_are_exact_in_two_parts(a, b):
    for x, total, rest in zip(a.tolist(), *(part.tolist() for part in two_sum(a, b)), strict=True):
        assert Fraction(total) + Fraction(rest) == Fraction(x) + Fraction(b)
    for x, product, rest in zip(a.tolist(), *(part.tolist() for part in two_product(a, b)), strict=True):
        assert Fraction(product) + Fraction(rest) == Fraction(x) * Fraction(b)


def test_overflow_is_infinity():
    assert by_libm(math.exp, np.array([0.0, 1000.0])).tolist() == [1.0, math.inf]
