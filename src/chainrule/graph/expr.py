"""Symbols: reading an op on them gives its formula, reading its rules gives the derivative, both as text.

An expression is a tree of `Symbol`, `Number` and `Apply`. Python's operators build it; `text` and `latex` print it::

    Symbol x, op Sigmoid:   forward(x)  →  1 / (1 + exp(−x))        d_x(y)  →  y · (1 − y)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from math import log, pi, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.errors import message

if TYPE_CHECKING:
    from .op import Op

# How tightly each form binds; what binds less is put in parentheses.
CHOICE, OR, AND, RELATION, SUM, PRODUCT, SIGN, POWER, ATOM = range(9)

INFIX = {
    "+": (SUM, " + ", " + "), "-": (SUM, " − ", " - "), "*": (PRODUCT, " · ", r" \cdot "), "/": (PRODUCT, " / ", "/"),
    "@": (PRODUCT, " @ ", r" \, "), "==": (RELATION, " = ", " = "), "!=": (RELATION, " ≠ ", r" \ne "),
    "<": (RELATION, " < ", " < "), "<=": (RELATION, " ≤ ", r" \le "), ">": (RELATION, " > ", " > "),
    ">=": (RELATION, " ≥ ", r" \ge "), "&": (AND, " and ", r" \land "), "|": (OR, " or ", r" \lor "),
}  # fmt: skip

# Numbers that have a name: (as text, as LaTeX, how tightly it binds)
CONSTANTS = {
    pi: ("π", r"\pi", ATOM),
    log(2): ("ln 2", r"\ln 2", PRODUCT),
    log(10): ("ln 10", r"\ln 10", PRODUCT),
    sqrt(1 / 2): ("√½", r"\sqrt{1/2}", POWER),
    sqrt(2 / pi): ("√(2/π)", r"\sqrt{2/\pi}", POWER),
    2 / sqrt(pi): ("2/√π", r"2/\sqrt{\pi}", PRODUCT),
    sqrt(pi) / 2: ("√π/2", r"\sqrt{\pi}/2", PRODUCT),
    sqrt(1 / (2 * pi)): ("1/√(2π)", r"1/\sqrt{2\pi}", PRODUCT),
    sqrt(2 / pi) / 2: ("1/√(2π)", r"1/\sqrt{2\pi}", PRODUCT),
    pi / 180: ("π/180", r"\pi/180", PRODUCT),
    180 / pi: ("180/π", r"180/\pi", PRODUCT),
}
NAMES = {
    "Log": "ln", "Log2": "log₂", "Log10": "log₁₀", "Asin": "arcsin", "Acos": "arccos", "Atan": "arctan",
    "Asinh": "arsinh", "Acosh": "arcosh", "Atanh": "artanh", "Maximum": "max", "Minimum": "min", "Lgamma": "ln|Γ|",
    "Erfinv": "erf⁻¹",
    "GeluSlope": "gelu′",
}  # fmt: skip
LATEX_NAMES = {
    "exp",
    "ln",
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
    "arcsin",
    "arccos",
    "arctan",
    "max",
    "min",
    "gcd",
}
GREEK = {
    "Σ": r"\sum ", "σ": r"\sigma", "ψ": r"\psi", "Φ": r"\Phi", "I₀": "I_0", "I₁": "I_1", "ln|Γ|": r"\ln|\Gamma|", "log₂": r"\log_2",
    "log₁₀": r"\log_{10}", "erf⁻¹": r"\operatorname{erf}^{-1}", "gelu′": r"\operatorname{gelu}'",
    "J₀": "J_0", "J₁": "J_1", "Y₀": "Y_0", "Y₁": "Y_1", "K₀": "K_0", "K₁": "K_1", "ζ": r"\zeta", "Ai": r"\operatorname{Ai}",
    "Ai′": r"\operatorname{Ai}'",
}  # fmt: skip
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


class Expr:
    """Something that can be printed as mathematics, and combined into more of it with Python's operators."""

    # What rules may ask of their arguments: symbols stand for matrices of real numbers.
    dtype, shape, ndim = np.dtype(np.float64), ("m", "n"), 2
    __hash__ = object.__hash__

    def __symbol__(self, op: Op, inputs: tuple[Any, ...]) -> Expr:
        """An op read on symbols."""
        return op.forward(*inputs) if getattr(op, "transparent", False) else Apply(op, *inputs)

    def __bool__(self) -> bool:
        raise TypeError(f"whether {text(self)} holds is not known: it is a formula, not a number")

    def __add__(self, other: Any) -> Expr:
        if is_number(self, 0) or is_number(other, 0):
            return expr(other) if is_number(self, 0) else self
        return Apply("*", 2, self) if same(self, other) else Apply("+", self, other)

    def __radd__(self, other: Any) -> Expr:
        return expr(other) + self

    def __sub__(self, other: Any) -> Expr:
        return self if is_number(other, 0) else -expr(other) if is_number(self, 0) else Apply("-", self, other)

    def __rsub__(self, other: Any) -> Expr:
        return expr(other) - self

    def __mul__(self, other: Any) -> Expr:
        if is_number(self, 1):
            return expr(other)
        if is_number(other, 1):
            return self
        if is_number(self, -1) or is_number(other, -1):
            return -(self if is_number(other, -1) else expr(other))
        if is_number(self, 0) or is_number(other, 0):
            return Number(0)
        if same(self, other):
            return Apply("**", self, 2)
        if isinstance(self, Apply) and self.head == "**" and same(self.arguments[0], other):
            return Apply("**", other, self.arguments[1] + 1)
        if isinstance(self, Apply) and self.head == "neg":
            return -(self.arguments[0] * other)
        if isinstance(self, Apply) and self.head == "/" and (rest := without(other, self.arguments[1])) is not None:
            return self.arguments[0] * rest  # a / b · b · c = a · c
        if isinstance(self, Apply) and self.head == "*":
            product = self.arguments[1] * other
            if isinstance(product, Apply) and product.head == "**":  # a · x · x = a · x²
                return Apply("*", self.arguments[0], product)
        return Apply("*", self, other)

    def __rmul__(self, other: Any) -> Expr:
        return -self if is_number(other, -1) else expr(other) * self

    def __truediv__(self, other: Any) -> Expr:
        return self if is_number(other, 1) else Apply("/", self, other)

    def __rtruediv__(self, other: Any) -> Expr:
        return Apply("/", other, self)

    def __pow__(self, exponent: Any) -> Expr:
        return self if is_number(exponent, 1) else Apply("**", self, exponent)

    def __rpow__(self, base: Any) -> Expr:
        return Apply("**", base, self)

    def __matmul__(self, other: Any) -> Expr:
        return Apply("@", self, other)

    def __neg__(self) -> Expr:
        return self.arguments[0] if isinstance(self, Apply) and self.head == "neg" else Apply("neg", self)

    def __abs__(self) -> Expr:
        return Apply("abs", self)

    def __invert__(self) -> Expr:
        return Apply("not", self)

    def __and__(self, other: Any) -> Expr:
        return Apply("&", self, other)

    def __or__(self, other: Any) -> Expr:
        return Apply("|", self, other)

    def __lt__(self, other: Any) -> Expr:
        return Apply("<", self, other)

    def __le__(self, other: Any) -> Expr:
        return Apply("<=", self, other)

    def __gt__(self, other: Any) -> Expr:
        return Apply(">", self, other)

    def __ge__(self, other: Any) -> Expr:
        return Apply(">=", self, other)

    def __eq__(self, other: object) -> Expr:  # type: ignore[override]
        return Apply("==", self, other)

    def __ne__(self, other: object) -> Expr:  # type: ignore[override]
        return Apply("!=", self, other)

    @property
    def mT(self) -> Expr:  # noqa: N802
        return self.arguments[0] if isinstance(self, Apply) and self.head == "T" else Apply("T", self)

    def conj(self) -> Expr:
        return self

    def __repr__(self) -> str:
        return text(self)


class Symbol(Expr):
    """A variable, by name, and by its name in LaTeX where that is another; ``binds`` like an atom unless told otherwise."""

    def __init__(self, name: str, latex: str = "", binds: int = ATOM) -> None:
        self.name, self.latex, self.binds = name, latex or GREEK.get(name, name), binds


class Number(Expr):
    """A constant."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __add__(self, other: Any) -> Expr:
        return Number(self.value + other) if isinstance(other, (int, float)) else super().__add__(other)

    def __mul__(self, other: Any) -> Expr:
        return Number(self.value * other) if isinstance(other, (int, float)) else super().__mul__(other)


class Apply(Expr):
    """A function or an operator (``head``: an op, or an operator's spelling in Python) and what it is applied to."""

    def __init__(self, head: Any, *arguments: Any) -> None:
        self.head = head
        self.arguments = tuple(map(expr, arguments))


def expr(x: Any) -> Expr:
    """``x`` as an expression: Python's numbers become constants."""
    return x if isinstance(x, Expr) else Number(x)


def same(a: Any, b: Any) -> bool:
    """Whether two expressions are written alike."""
    return isinstance(a, (Symbol, Apply)) and isinstance(b, (Symbol, Apply)) and text(a) == text(b)


def without(product: Any, factor: Expr) -> Expr | None:
    """What is left of a product without its first factor, if that is this one and the rest still has its shape."""
    first = isinstance(product, Apply) and product.head == "*" and same(product.arguments[0], factor)
    return product.arguments[1] if first and within(product.arguments[1], factor) else None


def within(x: Expr, part: Expr) -> bool:
    """Whether an expression is made of another one, among others."""
    return same(x, part) or isinstance(x, Apply) and any(within(a, part) for a in x.arguments)


def is_number(x: Any, value: float) -> bool:
    """Whether ``x`` is this number."""
    return (x.value if isinstance(x, Number) else x) == value if not isinstance(x, (Symbol, Apply)) else False


# ---------------------------------------------------------------------- printing


def text(x: Expr, latex: bool = False) -> str:
    """An expression in Unicode, or in LaTeX.

    >>> x = Symbol("x")
    >>> print(text(1 / (1 + x * 2)), " ", text(1 / (1 + x * 2), latex=True))
    1 / (1 + x · 2)   \\frac{1}{1 + x \\cdot 2}
    """
    return spell(x, latex)[0]


def spell(x: Expr, latex: bool) -> tuple[str, int]:
    """The text of an expression, and how tightly it binds."""
    if isinstance(x, Symbol):
        return x.latex if latex else x.name, x.binds
    if isinstance(x, Number):
        return spell_number(x.value, latex)
    assert isinstance(x, Apply)
    head, args = x.head, x.arguments
    if head in INFIX:
        return infix(head, args, latex)
    if head == "**":
        return power(args, latex)
    if head == "neg":
        return ("-" if latex else "−") + bound(args[0], PRODUCT, latex), SIGN
    if head == "not":
        return (r"\lnot " if latex else "not ") + bound(args[0], POWER, latex), AND
    if head == "abs":
        return f"|{spell(args[0], latex)[0]}|", ATOM
    if head == "T":
        return bound(args[0], ATOM, latex) + (r"^\top" if latex else "ᵀ"), POWER
    return function(head, args, latex)


def bound(x: Expr, least: int, latex: bool) -> str:
    """The text of an operand, in parentheses where it binds less tightly than its surroundings."""
    s, level = spell(x, latex)
    if level >= least:
        return s
    return rf"\left({s}\right)" if latex else f"({s})"


def spell_number(value: Any, latex: bool) -> tuple[str, int]:
    if isinstance(value, float):
        for known, (plain, tex, level) in CONSTANTS.items():
            if abs(value - known) <= 1e-15 * known:
                return (tex if latex else plain), level
        if value.is_integer() and abs(value) < 1e15:
            value = int(value)
        elif value != value:
            return (r"\mathrm{NaN}" if latex else "NaN"), ATOM
    s = f"{value:.6g}" if isinstance(value, float) else str(value)
    negative = s.startswith("-")
    return (s if latex or not negative else "−" + s[1:]), SIGN if negative else ATOM


def infix(head: str, args: tuple[Expr, ...], latex: bool) -> tuple[str, int]:
    a, b = args
    level, plain, tex = INFIX[head]
    if latex and head == "/":
        return rf"\frac{{{spell(a, latex)[0]}}}{{{spell(b, latex)[0]}}}", POWER
    tighter = level + (head in ("-", "/") or level == RELATION)  # a − (b − c), a / (b · c)
    right = bound(b, tighter, latex)
    mixed = isinstance(b, Apply) and {head, b.head} in ({"@", "*"}, {"@", "/"})  # a @ (b · c)
    if right[0] in "−-" or mixed:  # a · (−2)
        right = rf"\left({right}\right)" if latex else f"({right})"
    return bound(a, level, latex) + (tex if latex else plain) + right, level


def power(args: tuple[Expr, ...], latex: bool) -> tuple[str, int]:
    base, exponent = args
    below = bound(base, ATOM, latex)
    if latex:
        return f"{below}^{{{spell(exponent, latex)[0]}}}", POWER
    if is_number(exponent, 0.5):
        return f"√{below}", POWER
    if isinstance(exponent, Number) and float(exponent.value).is_integer():
        return below + str(int(exponent.value)).translate(SUPERSCRIPTS), POWER
    return f"{below}^{bound(exponent, ATOM, latex)}", POWER


def function(op: Any, args: tuple[Expr, ...], latex: bool) -> tuple[str, int]:
    kind = type(op).__name__
    if kind in OTHERWISE:
        return spell(OTHERWISE[kind](*args), latex)
    if kind == "Where":
        return cases(args[0], args[1], args[2], latex)
    inner = [spell(a, latex)[0] for a in args]
    if kind == "Sqrt":
        return (rf"\sqrt{{{inner[0]}}}", ATOM) if latex else (f"√{bound(args[0], ATOM, latex)}", POWER)
    if kind in ("Floor", "Ceil"):
        end = "floor" if kind == "Floor" else "ceil"
        if latex:
            return rf"\l{end} {inner[0]} \r{end}", ATOM
        return (f"⌊{inner[0]}⌋" if kind == "Floor" else f"⌈{inner[0]}⌉"), ATOM
    if op.symbol and not is_name(op.symbol):
        symbol = MEANING.get(op.symbol, op.symbol) if latex else op.symbol
        if len(args) == 1:
            return f"{symbol} {bound(args[0], ATOM, latex)}" if latex else symbol + bound(args[0], ATOM, latex), SIGN
        return f"{bound(args[0], SUM, latex)} {symbol} {bound(args[1], SUM, latex)}", RELATION
    name = op.symbol or NAMES.get(kind, kind.lower())
    if latex:
        usual = f"\\{name}" if name in LATEX_NAMES else rf"\operatorname{{{name}}}".replace("_", r"\_")
        name = getattr(op, "latex", "") or GREEK.get(name) or usual
    shown = [v for v in op.attributes() if v and not isinstance(v, str)]
    if shown:
        numbers = ", ".join(spell_number(v, latex)[0] for v in shown)
        name += f"_{{{numbers}}}" if latex else f"[{numbers}]"
    return f"{name}({', '.join(inner)})", ATOM


def is_name(symbol: str) -> bool:
    return symbol[0].isalpha()


def cases(condition: Expr, yes: Expr, no: Expr, latex: bool) -> tuple[str, int]:
    """One of two values by a condition; a choice in the second place continues the list of cases."""
    c, a, b = (spell(x, latex)[0] for x in (condition, yes, no))
    if latex:
        return rf"\begin{{cases}} {a} & {c} \\ {b} & \text{{else}} \end{{cases}}", ATOM
    more = isinstance(no, Apply) and type(no.head).__name__ == "Where"
    return f"{bound(yes, SUM, latex)} where {c}, {'' if more else 'else '}{b}", CHOICE


# Functions that are better shown as something else.
OTHERWISE: dict[str, Callable[..., Any]] = {
    "Exp2": lambda x: Apply("**", 2, x),
    "Log1p": lambda x: Apply(Named("ln"), 1 + x),
    "Abs": abs,
}
MEANING = {"=": "=", "≠": r"\ne", "≤": r"\le", "≥": r"\ge", "⊗": r"\otimes", "∧": r"\land", "∨": r"\lor", "⊻": r"\veebar", "¬": r"\lnot",
           "&": r"\&", "~": r"\sim", "<<": r"\ll", ">>": r"\gg"}  # fmt: skip


class Named:
    """Stands for an op of which only the name matters, and its name in LaTeX where that is another."""

    def __init__(self, symbol: str, latex: str = "") -> None:
        self.symbol, self.latex = symbol, latex

    def attributes(self) -> tuple[Any, ...]:
        return ()


# ---------------------------------------------------------------------- reading ops


def formula(op: Op, latex: bool = False) -> str:
    """``y = …``, an elementwise op's formula."""
    return "y = " + text(expr(op.forward(*map(Symbol, op.inputs))), latex)


def derivative(op: Op, latex: bool = False) -> str:
    """One line for each input that has a rule: ∂y/∂x of an elementwise op; ∂L/∂x, given g = ∂L/∂y, of others."""
    from .op import Elementwise

    local = isinstance(op, Elementwise)
    lines = []
    for name in op.inputs:
        factor, rule = getattr(op, f"d_{name}", None) if local else None, getattr(op, f"pull_{name}", None)
        if factor is None and rule is None:
            continue
        of = ("y" if local else "L", name)
        left = rf"\frac{{\partial {of[0]}}}{{\partial {of[1]}}}" if latex else f"∂{of[0]}/∂{of[1]}"
        try:
            lines.append(f"{left} = {text(expr(read(op, factor or rule, local)), latex)}")
        except RuntimeError as refusal:  # a rule that says that there is no derivative
            if type(refusal) is NotImplementedError:
                raise
            lines.append(f"{left}: {str(refusal).splitlines()[0]}")
    return "\n".join(lines)


def read(op: Op, rule: Any, local: bool) -> Any:
    """What a rule says of symbols; an elementwise op's pullback with g = 1, so that it is the local gradient."""
    given: list[Any] = []
    for name in inspect.signature(rule).parameters:
        one = local and name == "g"
        given.append(Number(1) if one else Expr.shape if name.endswith("_shape") else Symbol(name))
    try:
        return rule(*given)
    except (AttributeError, TypeError) as error:
        raise NotImplementedError(
            message(
                f"the rule {rule.__qualname__} cannot be read as a formula",
                f"it handles its arguments as arrays ({error})",
            )
        ) from error
