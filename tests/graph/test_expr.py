"""Formulas and derivatives as text: read off the ops by giving them symbols."""

import pytest

from chainrule.graph.expr import Symbol, text
from chainrule.ops import activations, arithmetic, choice, division, logic, matmul, powers, scalar, special

FORMULAS = [
    (activations.sigmoid, "y = 1 / (1 + exp(−x))", "∂y/∂x = y · (1 − y)"),
    (scalar.tanh, "y = tanh(x)", "∂y/∂x = 1 − y²"),
    (scalar.log, "y = ln(x)", "∂y/∂x = 1 / x"),
    (scalar.sqrt, "y = √x", "∂y/∂x = 1 / (2 · y)"),
    (scalar.log1p, "y = ln(1 + x)", "∂y/∂x = 1 / (x + 1)"),
    (scalar.asin, "y = arcsin(x)", "∂y/∂x = 1 / √(1 − x²)"),
    (scalar.floor, "y = ⌊x⌋", "∂y/∂x = 0"),
    (arithmetic.absolute, "y = |x|", "∂y/∂x = sign(x)"),
    (arithmetic.add, "y = a + b", "∂y/∂a = 1\n∂y/∂b = 1"),
    (arithmetic.sub, "y = a − b", "∂y/∂a = 1\n∂y/∂b = −1"),
    (arithmetic.mul, "y = a · b", "∂y/∂a = b\n∂y/∂b = a"),
    (arithmetic.div, "y = a / b", "∂y/∂a = 1 / b\n∂y/∂b = −y / b"),
    (arithmetic.AddCMul(2), "y = x + 2 · a · b", "∂y/∂x = 1\n∂y/∂a = 2 · b\n∂y/∂b = 2 · a"),
    (powers.square, "y = x²", "∂y/∂x = 2 · x"),
    (powers.Pow(2.5), "y = x^2.5", "∂y/∂x = 2.5 · x^1.5"),
    (powers.Pow(-1), "y = x⁻¹", "∂y/∂x = −x⁻²"),
    (powers.rsqrt, "y = 1 / √x", "∂y/∂x = −y³ / 2"),
    (powers.hypot, "y = √(a² + b²)", "∂y/∂a = a / y\n∂y/∂b = b / y"),
    (division.remainder, "y = a − b · ⌊a / b⌋", "∂y/∂a = 1\n∂y/∂b = −⌊a / b⌋"),
    (activations.relu, "y = max(x, 0)", "∂y/∂x = 0 where y ≤ 0, else 1"),
    (activations.LeakyRelu(0.01), "y = x where x > 0, else 0.01 · x", "∂y/∂x = 1 where x > 0, else 0.01"),
    (activations.silu, "y = x · σ(x)", "∂y/∂x = σ(x) · (1 + x · (1 − σ(x)))"),
    (
        activations.gelu,
        "y = x · (1 + erf(x · √½)) / 2",
        "∂y/∂x = (1 + erf(x · √½)) / 2 + x · exp(−x² / 2) · 1/√(2π)",
    ),
    (choice.Clamp(0, 1), "y = min(max(x, 0), 1)", "∂y/∂x = 1 where x ≥ 0 and x ≤ 1, else 0"),
    (
        choice.maximum,
        "y = max(a, b)",
        "∂y/∂a = 1 / 2 where a = b, 0 where a < b, else 1\n∂y/∂b = 1 / 2 where a = b, 0 where b < a, else 1",
    ),
    (logic.lt, "y = a < b", ""),
    (logic.logical_and, "y = a ∧ b", ""),
    (special.digamma, "y = ψ(x)", "∂y/∂x = polygamma[1](x)"),
    (
        matmul.matmul,
        "y[…, i, j] = Σₖ a[…, i, k] · b[…, k, j], leading axes broadcast",
        "∂L/∂a = g @ bᵀ\n∂L/∂b = aᵀ @ g",
    ),
]
LATEX = [
    (activations.sigmoid, r"y = \frac{1}{1 + \exp(-x)}", r"\frac{\partial y}{\partial x} = y \cdot \left(1 - y\right)"),
    (scalar.sqrt, r"y = \sqrt{x}", r"\frac{\partial y}{\partial x} = \frac{1}{2 \cdot y}"),
    (
        activations.relu,
        r"y = \max(x, 0)",
        r"\frac{\partial y}{\partial x} = \begin{cases} 0 & y \le 0 \\ 1 & \text{else} \end{cases}",
    ),
    (powers.Pow(3), "y = x^{3}", r"\frac{\partial y}{\partial x} = 3 \cdot x^{2}"),
    (activations.silu, r"y = x \cdot \sigma(x)", None),
]


@pytest.mark.parametrize("op, formula, derivative", FORMULAS, ids=[repr(f[0]) for f in FORMULAS])
def test_text(op, formula, derivative):
    assert op.formula_text() == formula
    assert op.derivative_text() == derivative


@pytest.mark.parametrize("op, formula, derivative", LATEX, ids=[repr(f[0]) for f in LATEX])
def test_latex(op, formula, derivative):
    assert op.formula_text(latex=True) == formula
    if derivative is not None:
        assert op.derivative_text(latex=True) == derivative


def test_a_refusal_is_told():
    assert division.floor_divide.derivative_text().startswith("∂y/∂a: derivative for aten::floor_divide is not")


x, y = Symbol("x"), Symbol("y")


@pytest.mark.parametrize(
    "expression, expected",
    [
        (x - (y - 1), "x − (y − 1)"),
        (x - y - 1, "x − y − 1"),
        (x / (y * 2), "x / (y · 2)"),
        ((x + y) * 2, "(x + y) · 2"),
        (-(x + y), "−(x + y)"),
        (x**-0.5, "x^(−0.5)"),
        ((x + 1) ** 2, "(x + 1)²"),
        (0 + x, "x"),
        (x * 1 / 1, "x"),
        (-(-x), "x"),  # noqa: B002
        ((x > 0) & ((y > 0) | (x == y)), "x > 0 and (y > 0 or x = y)"),
        (abs(x) * x * x, "|x| · x²"),
        (x * 3.141592653589793, "x · π"),
        (3 / x * (x * (1 - x)), "3 · (1 − x)"),
        (-1 * (1 / x) * (x * (1 - x)), "−(1 − x)"),
        (1 / x * (x * y), "1 / x · x · y"),  # y alone may have another shape
        (1 / x * x, "1 / x · x"),
    ],
)
def test_parentheses_only_where_needed(expression, expected):
    assert text(expression) == expected


def test_a_symbol_has_no_truth_value():
    with pytest.raises(TypeError, match="whether x > 0 holds is not known"):
        bool(x > 0)


def test_a_rule_that_handles_arrays_says_so():
    from chainrule.ops.scan import CumProd

    with pytest.raises(NotImplementedError, match="cannot be read as a formula"):
        CumProd(0).derivative_text()
