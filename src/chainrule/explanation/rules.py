"""Ops and their rules read on names: ``v1 @ wᵀ``, and what becomes of the gradient ``g`` on its way to each input.

Most of it is read off the op itself (`graph.expr`). The tables say it for ops whose rules handle arrays: what is summed,
reshaped, or computed by a kernel.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import copy
from math import prod
from typing import Any

from ..graph.expr import ATOM, Apply, Expr, Named, Number, Symbol, bound, expr, text
from ..graph.op import Elementwise, Joint
from ..ops import arithmetic, powers

SPELLED_OUT = (arithmetic.__name__, powers.__name__)  # ops shown by their formula; the others by their name

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
TURNING = ("Transpose", "Permute")
ONES = Symbol("𝟏", r"\mathbf{1}")

Shape = tuple[int, ...]


class Shaped(Symbol):
    """A variable whose shape is known, as rules may ask for it."""

    def __init__(self, of: Symbol, shape: Shape) -> None:
        super().__init__(of.name, of.latex, of.binds)
        self.shape, self.ndim = shape, len(shape)  # type: ignore[assignment]


def fraction(a: int, b: int) -> Expr:
    """a/b, which stays together in products."""
    return Number(a) if b == 1 else Symbol(f"{a}/{b}", rf"\tfrac{{{a}}}{{{b}}}")


def called(name: str, *arguments: Any) -> Expr:
    """``name(arguments)``"""
    return Apply(Named(name), *arguments)


def over(name: str, dims: tuple[int, ...] | None, *arguments: Any) -> Expr:
    """``Σ₁(x)``: along axis 1; along all axes without a number."""
    if dims is None:
        return called(name, *arguments)
    tex = r"\sum" if name == "Σ" else rf"\operatorname{{{name}}}"
    numbers = "".join(map(str, dims))
    return Apply(Named(name + numbers.translate(SUBSCRIPTS), f"{tex}_{{{','.join(map(str, dims))}}}"), *arguments)


def stretched_axes(small: Shape, large: Shape) -> tuple[int, ...] | None:
    """The axes along which an input was stretched; None for all of them."""
    lead = len(large) - len(small)
    axes = tuple(i for i, n in enumerate(large) if i < lead or (n != 1 and small[i - lead] == 1))
    return None if len(axes) == len(large) else axes


# ---------------------------------------------------------------------- forward


def title(op: Any) -> str:
    """An op's name in formulas: ``layer_norm`` for NativeLayerNorm."""
    kind = re.sub(r"^(Native|Brief)|(WithStatistics|WithIndices|Math|2d)$", "", type(op).__name__)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind).lower()


def mse(op: Any, a: Expr, b: Expr) -> Expr:
    square = (a - b) ** 2
    return square if op.reduction == "none" else called("Σ" if op.reduction == "sum" else "mean", square)


def entry(op: Any, x: Expr) -> Expr:
    """``x[0]``"""
    before = ":, " * op.dim
    return Symbol(f"{bound(x, ATOM, False)}[{before}{op.index}]", f"{bound(x, ATOM, True)}_{{[{before}{op.index}]}}")


def turned(op: Any, x: Expr, ndim: int) -> Expr:
    """xᵀ where the last two axes change places, else by name."""
    order = list(range(ndim))
    if type(op).__name__ == "Transpose":
        order[op.first], order[op.second] = order[op.second], order[op.first]
    else:
        order = [n % ndim for n in op.order]
    last_two = order == [*range(ndim - 2), ndim - 1, ndim - 2]
    return x.mT if last_two else called(title(op), x)


FORWARD: dict[str, Callable[..., Expr]] = {
    "MatMul": lambda op, a, b: a @ b,
    "Mv": lambda op, a, v: a @ v,
    "Vm": lambda op, v, b: v @ b,
    "Dot": lambda op, a, b: a @ b,
    "Linear": lambda op, x, w, b: x @ w.mT + b,
    "LinearNoBias": lambda op, x, w: x @ w.mT,
    "Sum": lambda op, x: over("Σ", op.dims, x),
    "Mean": lambda op, x: over("mean", op.dims, x),
    "Softmax": lambda op, x: over("softmax", (op.dim,), x),
    "LogSoftmax": lambda op, x: over("log_softmax", (op.dim,), x),
    "T": lambda op, x: x.mT,
    "Select": lambda op, x: entry(op, x),
    "MseLoss": mse,
}


def forward(op: Any, inputs: list[Any], shapes: list[Shape]) -> Expr:
    """What an op computes, of inputs that are expressions (None where one was not given)."""
    kind, given = type(op).__name__, [x for x in inputs if x is not None]
    if kind in TURNING:
        return turned(op, given[0], len(shapes[0]))
    if kind in FORWARD:
        return FORWARD[kind](op, *given)
    if isinstance(op, Elementwise):
        spelled = type(op).__module__ in SPELLED_OUT or getattr(op, "transparent", False)
        return expr(op.forward(*inputs)) if spelled else Apply(op, *given)
    return called(title(op), *given)


# ---------------------------------------------------------------------- backward


def mean_size(op: Any, shape: Shape) -> int:
    return prod(shape) if op.dims is None else prod(shape[d] for d in op.dims)


def cross_entropy(op: Any, g: Expr, x: Any, y: Any, given: list[Any]) -> Expr:
    """(softmax(x) − onehot(t)) / N"""
    plain = op.smoothing == 0 and not op.probable and op.reduction in ("mean", "sum") and given[2:] in ([], [None])
    if not plain:
        raise NotImplementedError
    rest = called("softmax", x) - called("onehot", given[1])
    size = 1 if len(x.shape) == 1 else prod(x.shape) // x.shape[1]
    return g * fraction(1, size) * rest if op.reduction == "mean" else g * rest


def mse_slope(op: Any, g: Expr, d: Expr, shape: Shape) -> Expr:
    return g * (fraction(2, prod(shape)) if op.reduction == "mean" else Number(2)) * d


def stretched(g: Expr) -> Expr:
    """A gradient of one number that holds for many entries: elementwise it can stay as it is, in a product it is g · 𝟏."""
    twin = copy(g)
    twin.stretched = True  # type: ignore[attr-defined]
    return twin


def again(op: Any, g: Expr) -> Expr:
    """The gradient of a sum, once for each entry that was added up."""
    return stretched(g) if op.dims is None or op.keepdim else over("stretch", op.dims, g)


def moved(name: str) -> Callable[..., Expr]:
    """The same entries in other places: the gradient goes back to where they came from."""
    return lambda op, g, x, y, given: called(name, g)


BACKWARD: dict[tuple[str, str], Callable[..., Expr]] = {
    ("Sum", "x"): lambda op, g, x, y, given: again(op, g),
    ("Mean", "x"): lambda op, g, x, y, given: again(op, g * fraction(1, mean_size(op, x.shape))),
    ("Softmax", "x"): lambda op, g, x, y, given: y * (g - over("Σ", (op.dim,), g * y)),
    ("LogSoftmax", "x"): lambda op, g, x, y, given: g - over("softmax", (op.dim,), x) * over("Σ", (op.dim,), g),
    ("CrossEntropy", "x"): cross_entropy,
    ("BriefCrossEntropy", "x"): cross_entropy,
    ("MseLoss", "a"): lambda op, g, x, y, given: mse_slope(op, g, given[0] - given[1], x.shape),
    ("MseLoss", "b"): lambda op, g, x, y, given: mse_slope(op, g, given[1] - given[0], x.shape),
    ("Linear", "b"): lambda op, g, x, y, given: over("Σ", stretched_axes(x.shape, y.shape) or (), g),
    ("Mv", "a"): lambda op, g, x, y, given: called("⊗", g, given[1]),
    ("Mv", "v"): lambda op, g, x, y, given: given[0].mT @ g,
    ("Vm", "v"): lambda op, g, x, y, given: given[1] @ g,
    ("Vm", "b"): lambda op, g, x, y, given: called("⊗", given[0], g),
    ("Clone", "x"): lambda op, g, x, y, given: g,
    ("Contiguous", "x"): lambda op, g, x, y, given: g,
    ("Cast", "x"): lambda op, g, x, y, given: g,
    ("T", "x"): lambda op, g, x, y, given: g.mT,
    **{(kind, "x"): moved("place") for kind in ("Select", "Slice", "Basic", "Index")},
    **{(kind, "x"): moved("reshape") for kind in ("Reshape", "ReshapeAlias", "ReshapeCopy", "Squeeze", "Unsqueeze")},
    ("Permute", "x"): lambda op, g, x, y, given: turned(op, g, len(x.shape)),
    ("Transpose", "x"): lambda op, g, x, y, given: turned(op, g, len(x.shape)),
    ("Expand", "x"): lambda op, g, x, y, given: over("Σ", stretched_axes(x.shape, y.shape), g),
}


def backward(op: Any, i: int, g: Expr, inputs: list[Any], y: Expr, shapes: list[Shape], opaque: Expr) -> Expr:
    """What reaches the i-th input when ``g`` arrives at the result.

    ``inputs`` and ``y`` are expressions, ``shapes`` the inputs' shapes; ``opaque`` (∂y/∂x) stands for what cannot be
    read as a formula.
    """
    if i >= len(op.inputs) or isinstance(op, Joint) and (type(op).__name__, op.inputs[i]) not in BACKWARD:
        return g * opaque
    name = op.inputs[i]
    if isinstance(op, Elementwise):
        return g * local(op, name, inputs, y, shapes)
    if getattr(g, "stretched", False):
        g = g * Shaped(ONES, y.shape)  # type: ignore[arg-type]
    given = [shaped(x, s) for x, s in zip(inputs, shapes)]
    known = BACKWARD.get((type(op).__name__, name))
    try:
        if known is not None:
            return known(op, g, given[i], y, given)
        return in_fractions(expr(call(op, getattr(op, f"pull_{name}"), given, y, shapes, g)), shapes)
    except (NotImplementedError, TypeError, AttributeError, ValueError, IndexError):
        return g * opaque  # a rule that handles its arguments as arrays, and says nothing to names


def in_fractions(e: Expr, shapes: list[Shape]) -> Expr:
    """1/N for the number that it is, where N counts the entries of an input."""
    if isinstance(e, Apply):
        return Apply(e.head, *[in_fractions(a, shapes) for a in e.arguments])
    for n in map(prod, shapes):
        for k in (1, 2):
            if isinstance(e, Number) and n > k and e.value == k / n:
                return fraction(k, n)
    return e


def readable(op: Any, i: int, shapes: list[Shape]) -> bool:
    """Whether what becomes of a gradient on its way to the i-th input can be read as a formula."""
    if not isinstance(getattr(op, "inputs", None), tuple) or i >= len(op.inputs):
        return False
    opaque = Symbol("?")
    found = backward(op, i, Symbol("g"), [Symbol(n) for n in op.inputs], Symbol("y"), shapes, opaque)
    return "?" not in text(found)


def local(op: Elementwise, name: str, inputs: list[Any], y: Expr, shapes: list[Shape]) -> Expr:
    """∂y/∂x of an elementwise op."""
    rule = getattr(op, f"d_{name}", None)
    if rule is not None:
        return expr(call(op, rule, inputs, y, shapes))
    return expr(call(op, getattr(op, f"pull_{name}"), inputs, y, shapes, Number(1)))


def call(op: Any, rule: Any, inputs: list[Any], y: Expr, shapes: list[Shape], g: Expr | None = None) -> Any:
    """A rule, given what its parameters name."""
    names = rule.__code__.co_varnames[1 if g is None else 2 : rule.__code__.co_argcount]
    table = dict(zip(op.inputs, inputs)) | {f"{n}_shape": s for n, s in zip(op.inputs, shapes)} | {"y": y}
    return rule(*([] if g is None else [g]), *[table[n] for n in names])


def shaped(x: Any, shape: Shape) -> Any:
    """An expression that answers for its shape."""
    if isinstance(x, Symbol):
        return Shaped(x, shape)
    if isinstance(x, Apply):
        copy = Apply(x.head, *x.arguments)
        copy.shape, copy.ndim = shape, len(shape)  # type: ignore[assignment]
        return copy
    return x
